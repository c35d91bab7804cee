import Glibc

/// Takes the records of a recording one by one, in the order of the file.
protocol RecordSink {
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
  /// Whether the records inside compressed ones can't be told apart any more.
  private var isLost = false

  /// How many times larger the records may be than their compressed form. Call chains shrink 10 to
  /// 50 times; what unpacks to more was made to fill memory.
  private static let largestRatio = 512

  init(swapped: Bool) { self.swapped = swapped }

  /// Hands every record of `data`, which begins at `base` in the file, to `sink`.
  mutating func read(_ data: RawSpan, at base: UInt64, into sink: inout some RecordSink) {
    let consumed = cut(data, at: base, inside: nil, into: &sink)
    if consumed < data.byteCount { sink.truncated(at: base + UInt64(consumed)) }
    if !carry.isEmpty { sink.truncated(at: base + UInt64(data.byteCount)) }
  }

  /// - Parameter container: offset of the compressed record these bytes came from.
  /// - Returns: bytes consumed; fewer than given where the last record is incomplete.
  private mutating func cut(
    _ data: RawSpan, at base: UInt64, inside container: UInt64?, into sink: inout some RecordSink
  ) -> Int {
    var start = 0
    while data.byteCount - start >= 8 {
      let size = Int(data.load(UInt16.self, at: start + 6, swapped: swapped))
      let offset = container ?? base + UInt64(start)
      guard size >= 8 else {
        sink.unusable(PerfDataError(.badRecordSize(UInt16(size)), at: offset, in: "record"))
        isLost = container != nil
        return data.byteCount  // no framing left: whatever follows can't be told apart
      }
      guard size <= data.byteCount - start else { break }
      let type = RecordType(rawValue: data.load(UInt32.self, at: start, swapped: swapped))
      let misc = RecordMisc(rawValue: data.load(UInt16.self, at: start + 4, swapped: swapped))
      let body = data.extracting(start + 8..<start + size)
      let extra = sink.record(type, misc: misc, body: body, at: offset)
      start += size
      if type == .compressed || type == .compressed2, container == nil {
        unpack(body, type: type, at: offset, into: &sink)
      }
      guard extra <= UInt64(data.byteCount - start) else {
        sink.truncated(at: offset)
        return data.byteCount
      }
      start += Int(extra)
    }
    return start
  }

  private mutating func unpack(
    _ body: RawSpan, type: RecordType, at offset: UInt64, into sink: inout some RecordSink
  ) {
    guard !isLost else { return }
    do throws(PerfDataError) {
      let packed = try payload(body, type: type, at: offset)
      volume.packed += packed.byteCount
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
    }
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
    return cut(bytes.span.bytes, at: offset, inside: offset, into: &sink)
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
