/// What a process had mapped at one moment: stretches without overlap, sorted by address.
struct AddressSpace: Sendable {
  struct Mapping: Sendable {
    var start: UInt64
    /// One past the last address.
    var end: UInt64
    /// File offset of `start`.
    var pageOffset: UInt64
    /// Index into the mappings' records: path and build-id.
    var record: Int
  }

  private(set) var mappings: [Mapping] = []

  /// Maps a stretch; what it covers of older ones is gone, their ends stay.
  mutating func map(_ new: Mapping) {
    guard new.start < new.end else { return }
    let first = mappings.firstIndex { $0.end > new.start } ?? mappings.count
    let last = mappings[first...].firstIndex { $0.start >= new.end } ?? mappings.count
    var pieces: [Mapping] = []
    for old in mappings[first..<last] {
      if old.start < new.start {
        var left = old
        left.end = new.start
        pieces.append(left)
      }
      if old.end > new.end {
        var right = old
        right.pageOffset &+= new.end - old.start  // offsets from a file may wrap; only compared
        right.start = new.end
        pieces.append(right)
      }
    }
    let place = pieces.firstIndex { $0.start > new.start } ?? pieces.count
    pieces.insert(new, at: place)
    mappings.replaceSubrange(first..<last, with: pieces)
  }

  /// The mapping that covers an address.
  func mapping(covering address: UInt64) -> Mapping? {
    var (low, high) = (0, mappings.count)
    while low < high {
      let middle = (low + high) / 2
      if mappings[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    guard low < mappings.count, mappings[low].start <= address else { return nil }
    return mappings[low]
  }
}

/// Names an address space: a process after so many changes of its mappings.
struct Space: Hashable {
  let pid: Int32
  let epoch: Int
}

/// Builds the address spaces of processes at the moments of their samples.
struct AddressSpaceHistory: Sendable {
  private let timeline: Timeline
  /// The records of all mappings, by ``AddressSpace/Mapping/record``.
  private(set) var records: [MapRecord] = []
  private var known: [Space: AddressSpace] = [:]

  init(_ timeline: Timeline) { self.timeline = timeline }

  /// How many of the process' changes had happened: samples of equal epochs share a space.
  func epoch(of pid: Int32, at time: UInt64) -> Int {
    let events = timeline.events(of: pid)
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The space of a process after the changes of its epoch.
  mutating func space(of key: Space) -> AddressSpace { space(of: key.pid, epoch: key.epoch, depth: 0) }

  /// - Parameter depth: of forks followed; a hostile recording's may be circular.
  private mutating func space(of pid: Int32, epoch: Int, depth: Int) -> AddressSpace {
    let key = Space(pid: pid, epoch: epoch)
    if let space = known[key] { return space }
    guard epoch > 0, depth < 64 else { return AddressSpace() }
    var base = epoch - 1
    while base > 0, known[Space(pid: pid, epoch: base)] == nil { base -= 1 }
    var space = known[Space(pid: pid, epoch: base)] ?? AddressSpace()
    for event in timeline.events(of: pid)[base..<epoch] {
      switch event.change {
      case .map(let record): space.map(mapping(of: record))
      case .inherit(let parent):
        space = self.space(
          of: parent, epoch: self.epoch(of: parent, at: event.time), depth: depth + 1)
      }
    }
    known[key] = space
    return space
  }

  private mutating func mapping(of record: MapRecord) -> AddressSpace.Mapping {
    records.append(record)
    let (end, overflow) = record.start.addingReportingOverflow(record.length)
    return AddressSpace.Mapping(
      start: record.start, end: overflow ? .max : end, pageOffset: record.pageOffset,
      record: records.count - 1)
  }
}
