import Glibc

/// Takes the records of a recording one by one, in the order of the file.
protocol RecordSink {
  /// Whether it only counts samples: then those that stand in the file as they are come by
  /// ``samples(_:at:)``, several at once.
  static var countsSamples: Bool { get }
  /// One whole record.
  ///
  /// - Parameters:
  ///   - body: what follows the 8 bytes of `perf_event_header`.
  ///   - offset: of the record in the file; for a record out of a compressed one, that one's.
  /// - Returns: bytes that follow the record and belong to it (`PERF_RECORD_AUXTRACE`'s data).
  mutating func record(_ type: RecordType, misc: RecordMisc, body: RawSpan, at offset: UInt64)
    -> UInt64
  /// A record or a stretch that can't be used.
  mutating func unusable(_ error: PerfDataError)
  /// The data ends inside a record.
  mutating func truncated(at offset: UInt64)
  /// One of samples in a row, in place of ``record(_:misc:body:at:)``.
  mutating func sample(_ body: RawSpan, misc: RecordMisc, at offset: UInt64)
  /// Samples in a row.
  ///
  /// - Parameter offset: of the first one in the file.
  mutating func samples(_ count: Int, at offset: UInt64)
}

extension RecordSink {
  static var countsSamples: Bool { false }
  mutating func sample(_ body: RawSpan, misc: RecordMisc, at offset: UInt64) {
    _ = record(.sample, misc: misc, body: body, at: offset)
  }
  mutating func samples(_ count: Int, at offset: UInt64) {}
}

/// Cuts bytes into records: framing only, nothing is decoded here.
///
/// Compressed records are unpacked and the records inside, which may straddle several of them, are
/// handed out as if they stood in the file.
struct RecordStream: ~Copyable {
  private let swapped: Bool
  private var decompressor: ZstdStream?
  /// Start of a record whose end is in the next compressed one.
  private var carry: [UInt8] = []
  /// Bytes of compressed records and of what came out of them.
  private var volume = (packed: 0, plain: 0)
  /// Whether no more is unpacked, because what was there was made to fill memory.
  private var isLost = false
  /// Whether zstd lost its place: only a payload that begins a frame can be unpacked.
  private var needsFrame = false
  /// Whether all records so far were multiples of 8 bytes; COMPRESSED need not be.
  private var isPadded = true

  /// How many times larger the records may be than their compressed form. Call chains shrink 10 to
  /// 50 times; what unpacks to more was made to fill memory.
  private static let largestRatio = 512

  /// Where samples go that the second pass is to find unpacked.
  private let unpacking: SampleUnpacking?
  private let file: Int
  private var keepsSamples: Bool

  /// - Parameters:
  ///   - unpacking: takes the samples from the first compressed record on.
  ///   - file: index of the file, for `unpacking`.
  init(swapped: Bool, unpacking: SampleUnpacking? = nil, file: Int = 0) {
    self.swapped = swapped
    self.unpacking = unpacking
    self.file = file
    keepsSamples = unpacking?.hasBegun ?? false
  }

  /// Hands every record of `data`, which begins at `base` in the file, to `sink`.
  mutating func read(_ data: RawSpan, at base: UInt64, into sink: inout some RecordSink) {
    read(data, from: 0, at: base, into: &sink)
  }

  /// Hands the records to `sink` that begin before `limit`; what is behind it says whether the last of
  /// them are records.
  mutating func read(
    _ data: RawSpan, at base: UInt64, upTo limit: Int, into sink: inout some RecordSink
  ) {
    _ = cut(data, from: 0, upTo: limit, at: base, inside: nil, into: &sink)
  }

  /// Hands every record to `sink`, with what other threads find in the later parts of `data`.
  mutating func read(
    _ data: RawSpan, at base: UInt64, scanned scans: [RecordScan],
    into sink: inout some RecordSink
  ) {
    var start = 0
    for scan in scans {
      start = cut(data, from: start, upTo: scan.start, at: base, inside: nil, into: &sink)
      // Behind compressed records samples are kept, and records need not begin at multiples of 8.
      guard start == scan.start, !keepsSamples else { break }
      if let found = scan.outcome() {
        start = hand(found, of: data, from: start, at: base, to: &sink)
      }
    }
    RecordScan.end(scans)
    read(data, from: start, at: base, into: &sink)
  }

  private mutating func read(
    _ data: RawSpan, from start: Int, at base: UInt64, into sink: inout some RecordSink
  ) {
    let consumed = cut(
      data, from: start, upTo: data.byteCount, at: base, inside: nil, into: &sink)
    if consumed < data.byteCount { sink.truncated(at: base + UInt64(consumed)) }
    if !carry.isEmpty { sink.truncated(at: base + UInt64(data.byteCount)) }
  }

  /// - Returns: where what was found ends.
  private func hand(
    _ found: RecordScan.Outcome, of data: RawSpan, from start: Int, at base: UInt64,
    to sink: inout some RecordSink
  ) -> Int {
    var start = start
    for stretch in found.stretches {
      handOthers(of: data, from: start, upTo: stretch.start, at: base, to: &sink)
      sink.samples(stretch.samples, at: base + UInt64(stretch.start))
      start = stretch.end
    }
    handOthers(of: data, from: start, upTo: found.end, at: base, to: &sink)
    return found.end
  }

  /// Hands records to `sink` that a scan went over.
  private func handOthers(
    of data: RawSpan, from start: Int, upTo end: Int, at base: UInt64,
    to sink: inout some RecordSink
  ) {
    var start = start
    while start < end {
      let header = RecordHeader(data, at: start, swapped: swapped)
      let body = data.extracting(start + RecordHeader.byteCount..<start + header.size)
      // What a payload follows, no scan goes over.
      _ = sink.record(header.type, misc: header.misc, body: body, at: base + UInt64(start))
      start += header.size
    }
  }

  /// - Parameters:
  ///   - limit: where no record is begun any more.
  ///   - container: offset of the compressed record these bytes came from.
  /// - Returns: where the next record begins, before the limit if that one is incomplete.
  private mutating func cut<Sink: RecordSink>(
    _ data: RawSpan, from start: Int, upTo limit: Int, at base: UInt64, inside container: UInt64?,
    into sink: inout Sink
  ) -> Int {
    var start = start
    var fetched = 0
    while start < limit, data.byteCount - start >= RecordHeader.byteCount {
      if container == nil, !keepsSamples {
        let end = samples(data, from: start, upTo: limit, at: base, &fetched, into: &sink)
        if end > start {
          start = end
          continue
        }
      }
      let header = RecordHeader(data, at: start, swapped: swapped)
      let offset = container ?? base + UInt64(start)
      switch framing.judge(header, data, at: start, isOpen: container != nil) {
      case .whole: break
      case .incomplete: return start
      case .damaged(let next):
        sink.unusable(header.unframed(skipping: next - start, at: offset))
        start = next
        continue
      }
      let body = data.extracting(start + RecordHeader.byteCount..<start + header.size)
      let extra = sink.record(header.type, misc: header.misc, body: body, at: offset)
      if keepsSamples, header.type == .sample {
        unpacking?.keep(data.extracting(start..<start + header.size), from: offset)
      }
      start += header.size
      if header.isCompressed, container == nil {
        isPadded = isPadded && header.size % 8 == 0
        unpack(body, type: header.type, at: offset, into: &sink)
      }
      guard extra <= UInt64(data.byteCount - start) else {
        start = afterAbsurdPayload(data, from: start, at: offset, into: &sink)
        continue
      }
      start += Int(extra)
    }
    return start
  }

  /// Hands samples that stand in a row to `sink`: the usual case in a tight loop.
  ///
  /// - Returns: where the last one ends.
  @inline(__always)
  private func samples<Sink: RecordSink>(
    _ data: RawSpan, from start: Int, upTo limit: Int, at base: UInt64, _ fetched: inout Int,
    into sink: inout Sink
  ) -> Int {
    guard Sink.countsSamples else {
      return framing.samples(in: data, from: start, upTo: limit, fetched: &fetched) {
        header, place in
        let body = data.extracting(place + RecordHeader.byteCount..<place + header.size)
        sink.sample(body, misc: header.misc, at: base + UInt64(place))
      }
    }
    let run = framing.countSamples(in: data, from: start, upTo: limit, fetched: &fetched)
    if run.count > 0 { sink.samples(run.count, at: base + UInt64(start)) }
    return run.end
  }

  private var framing: RecordFraming { RecordFraming(swapped: swapped, step: isPadded ? 8 : 1) }

  /// Payload said to reach behind the data: records may go on nevertheless.
  private func afterAbsurdPayload(
    _ data: RawSpan, from start: Int, at offset: UInt64, into sink: inout some RecordSink
  ) -> Int {
    sink.truncated(at: offset)
    return framing.firstRun(in: data, from: start, before: data.byteCount) ?? data.byteCount
  }

  private mutating func unpack(
    _ body: RawSpan, type: RecordType, at offset: UInt64, into sink: inout some RecordSink
  ) {
    guard !isLost else { return }
    unpacking?.begin(file: file, at: offset)
    keepsSamples = unpacking != nil
    do throws(PerfDataError) {
      let packed = try payload(body, type: type, at: offset)
      volume.packed += packed.byteCount
      guard !needsFrame || packed.beginsZstdFrame else {
        throw PerfDataError(
          .compression("it continues a damaged frame"), at: offset, in: "PERF_RECORD_COMPRESSED")
      }
      needsFrame = false
      let stream = try openDecompressor()
      try stream.decompress(packed, at: offset) { chunk in
        volume.plain += chunk.count
        carry.append(contentsOf: chunk)
        let consumed = cutCarry(at: offset, into: &sink)
        carry.removeFirst(consumed)
        return !isLost && !isBomb
      }
      guard !isBomb else {
        isLost = true
        throw PerfDataError(
          .badValue("unpacks to more than \(RecordStream.largestRatio) times its size"),
          at: offset, in: "PERF_RECORD_COMPRESSED")
      }
    } catch {
      sink.unusable(error)
      loseFrame()
    }
  }

  /// What is unpacked next has nothing to do with what was before.
  private mutating func loseFrame() {
    decompressor = nil
    carry = []
    needsFrame = true
  }

  private var isBomb: Bool {
    volume.plain > (1 << 20) + RecordStream.largestRatio * volume.packed
  }

  /// The recording's one zstd stream, made at the first compressed record.
  private mutating func openDecompressor() throws(PerfDataError) -> ZstdStream {
    if let decompressor { return decompressor }
    let stream = try ZstdStream()
    decompressor = stream
    return stream
  }

  private mutating func cutCarry(at offset: UInt64, into sink: inout some RecordSink) -> Int {
    let bytes = carry
    return cut(
      bytes.span.bytes, from: 0, upTo: bytes.count, at: offset, inside: offset, into: &sink)
  }

  /// COMPRESSED is all payload; COMPRESSED2 says its length first and is padded behind.
  @_lifetime(copy body)
  private func payload(
    _ body: RawSpan, type: RecordType, at offset: UInt64
  ) throws(PerfDataError) -> RawSpan {
    guard type == .compressed2 else { return body }
    guard body.byteCount >= 8 else {
      throw PerfDataError(
        .truncated(need: 8, have: body.byteCount), at: offset, in: "PERF_RECORD_COMPRESSED2")
    }
    let size = body.load(UInt64.self, at: 0, swapped: swapped)
    guard size <= UInt64(body.byteCount - 8) else {
      throw PerfDataError(
        .truncated(need: Int(clamping: size), have: body.byteCount - 8), at: offset,
        in: "PERF_RECORD_COMPRESSED2")
    }
    return body.extracting(8..<8 + Int(size))
  }
}

extension RawSpan {
  /// Little-endian in every recording, as zstd's format says.
  fileprivate var beginsZstdFrame: Bool {
    byteCount >= 4 && load(UInt32.self, at: 0, swapped: false) == 0xfd2f_b528
  }
}

extension RecordHeader {
  fileprivate func unframed(skipping count: Int, at offset: UInt64) -> PerfDataError {
    PerfDataError(
      .unframed(type: type.rawValue, size: UInt16(clamping: size), skipped: count), at: offset,
      in: "record")
  }
}
