/// `perf_event_header`: type u32, misc u16, size u16 with the header's own 8 bytes.
struct RecordHeader {
  let type: RecordType
  let misc: RecordMisc
  let size: Int

  static let byteCount = 8

  /// - Parameter offset: of 8 bytes inside `data`.
  @inline(__always)
  init(_ data: RawSpan, at offset: Int, swapped: Bool) {
    let word = UInt64(littleEndian: data.load(UInt64.self, at: offset, swapped: false))
    let type = UInt32(truncatingIfNeeded: word)
    let misc = UInt16(truncatingIfNeeded: word >> 32)
    let size = UInt16(truncatingIfNeeded: word >> 48)
    self.type = RecordType(rawValue: swapped ? type.byteSwapped : type)
    self.misc = RecordMisc(rawValue: swapped ? misc.byteSwapped : misc)
    self.size = Int(swapped ? size.byteSwapped : size)
  }

  /// Whether a record may begin like this. Types that nobody has given yet are skipped by their
  /// size, but neither the kernel (1…22) nor perf (64…86) nor simpleperf (32768…) comes near 65536.
  var canBe: Bool { size >= RecordHeader.byteCount && 1...0xffff ~= type.rawValue }
}

extension RecordHeader {
  /// Whether data follows whose size the body says.
  var hasPayload: Bool { type == .auxtrace || type == .headerTracingData }

  /// Whether other records are packed in it.
  var isCompressed: Bool { type == .compressed || type == .compressed2 }

  /// Whether it looks like one that today's kernels or perf write: the bar for a place that was
  /// searched for, not for one that the record before it points to.
  var isPlausible: Bool {
    guard let least = RecordHeader.leastSize(of: type.rawValue), size >= least else { return false }
    // COMPRESSED alone is not padded; its successor was made to be.
    return size % 8 == 0 || type == .compressed
  }

  /// The fixed fields of `perf_event.h` and of perf's `event.h`, header included.
  private static func leastSize(of type: UInt32) -> Int? {
    switch type {
    case 1: 48  // MMAP: pid, tid, addr, len, pgoff, a path
    case 10: 80  // MMAP2: … device or build-id, prot, flags, a path
    case 3: 24  // COMM: pid, tid, a name
    case 4, 7: 32  // EXIT, FORK: pid, ppid, tid, ptid, time
    case 2, 5, 6, 8, 11, 16, 17, 18, 19, 20, 22: 24
    case 9, 12, 13, 15, 21: 16
    case 14: 8  // SWITCH
    case 64: 8 + 64  // ATTR: perf_event_attr of 64 bytes or more
    case 67: 40
    case 71: 48
    case 65...86: 8
    default: nil
    }
  }
}

/// Says whether bytes are records, and finds where records go on behind bytes that are none.
///
/// A place is believed where a run of ``run`` plausible records begins; fewer do where they reach
/// the end of the data. Every place costs at most ``run`` headers, so a search is linear in what it
/// skips, whatever the bytes are.
struct RecordFraming {
  let swapped: Bool
  /// Distance of the places to try: 8, or 1 behind records that are not padded.
  let step: Int

  /// Records in a row that are believed.
  static let run = 4

  /// What a header's place says about it.
  enum Verdict {
    case whole
    /// The data ends inside the record.
    case incomplete
    /// No record, or one of a wrong size; records go on at `next`, perhaps the data's end.
    case damaged(next: Int)
  }

  /// Whether a record stands at `start`.
  ///
  /// - Parameter isOpen: whether more data may follow.
  @inline(__always)
  func judge(_ header: RecordHeader, _ data: RawSpan, at start: Int, isOpen: Bool) -> Verdict {
    leadsOn(header, data, at: start)
      ? .whole : judgeSuspect(header, data, at: start, isOpen: isOpen)
  }

  /// Whether a record at `start` can be one and leads to another.
  @inline(__always)
  func leadsOn(_ header: RecordHeader, _ data: RawSpan, at start: Int) -> Bool {
    let end = start + header.size
    return header.canBe && data.byteCount - end >= RecordHeader.byteCount
      && RecordHeader(data, at: end, swapped: swapped).canBe
  }

  /// Bytes that are fetched before their headers are looked at: less than a processor's first cache.
  private static let fetchSize = 16 << 10
  /// Bytes of a record among whose like not every line is fetched: those with copies of stacks.
  private static let largeSize = 2048

  /// Hands the samples that stand in a row at `start` to `body`, one by one; each leads to another record.
  ///
  /// - Parameters:
  ///   - limit: where no record is begun any more.
  ///   - fetched: what was fetched so far, for the next call.
  ///   - body: takes a sample's header and place.
  /// - Returns: where the last one ends.
  @inline(__always)
  func samples(
    in data: RawSpan, from start: Int, upTo limit: Int, fetched: inout Int,
    _ body: (RecordHeader, Int) -> Void
  ) -> Int {
    var place = start
    guard data.byteCount - place >= RecordHeader.byteCount else { return start }
    var header = RecordHeader(data, at: place, swapped: swapped)
    while place < limit, header.type == .sample, header.size >= RecordHeader.byteCount {
      if place >= fetched { fetched = fetch(data, from: place, header) }
      let end = place + header.size
      guard data.byteCount - end >= RecordHeader.byteCount else { break }
      let next = RecordHeader(data, at: end, swapped: swapped)
      guard next.canBe else { break }
      body(header, place)
      (header, place) = (next, end)
    }
    return place
  }

  /// Counts the samples that stand in a row at `start`, up to about as many as are between two cuts.
  ///
  /// - Returns: how many, and where the last one ends.
  @inline(__always)
  func countSamples(
    in data: RawSpan, from start: Int, upTo limit: Int, fetched: inout Int
  ) -> (count: Int, end: Int) {
    var count = 0
    let near = min(limit, start + Int(RecordCut.distance))
    let end = samples(in: data, from: start, upTo: near, fetched: &fetched) { _, _ in
      count &+= 1  // records of a file
    }
    return (count, end)
  }

  /// - Returns: where what was fetched ends.
  @inline(__always)
  private func fetch(_ data: RawSpan, from place: Int, _ header: RecordHeader) -> Int {
    header.size < RecordFraming.largeSize
      ? data.fetch(from: place, count: RecordFraming.fetchSize) : place + RecordFraming.fetchSize
  }

  /// A record at the end of the data, before bytes that are no record, or no record itself.
  @inline(never)
  private func judgeSuspect(
    _ header: RecordHeader, _ data: RawSpan, at start: Int, isOpen: Bool
  ) -> Verdict {
    let end = start + header.size
    let first = start + step
    guard header.canBe || isUnknown(header, data, upTo: end) else {
      let next = firstRun(in: data, from: first, before: data.byteCount)
      return .damaged(next: next ?? data.byteCount)
    }
    if end > data.byteCount {
      if isOpen { return .incomplete }
      let next = firstRun(in: data, from: first, before: data.byteCount)
      return next.map { .damaged(next: $0) } ?? .incomplete
    }
    if data.byteCount - end < RecordHeader.byteCount || header.hasPayload { return .whole }
    let swallowed = firstRun(in: data, from: start + 8, before: end)
    return swallowed.map { .damaged(next: $0) } ?? .whole
  }

  /// Whether it is a record of a type nobody has given yet: its size leads to another record.
  private func isUnknown(_ header: RecordHeader, _ data: RawSpan, upTo end: Int) -> Bool {
    guard header.size >= RecordHeader.byteCount, header.size % 8 == 0 else { return false }
    if end == data.byteCount { return true }
    guard data.byteCount - end >= RecordHeader.byteCount else { return false }
    return RecordHeader(data, at: end, swapped: swapped).isPlausible
  }

  /// The first place at or behind `start` and before `end` where records go on, or nil.
  func firstRun(in data: RawSpan, from start: Int, before end: Int) -> Int? {
    var place = start
    while place < end, data.byteCount - place >= RecordHeader.byteCount {
      if isRun(data, from: place) { return place }
      place += step
    }
    return nil
  }

  private func isRun(_ data: RawSpan, from start: Int) -> Bool {
    var place = start
    for count in 0..<RecordFraming.run {
      let left = data.byteCount - place
      guard left >= RecordHeader.byteCount else { return left == 0 ? count > 0 : count > 1 }
      let header = RecordHeader(data, at: place, swapped: swapped)
      guard header.isPlausible else { return false }
      guard header.size <= left else { return count > 1 }
      place += header.size
      // Data of a size of its own follows; what is behind it says nothing more here.
      if header.hasPayload { return count > 0 }
    }
    return true
  }
}
