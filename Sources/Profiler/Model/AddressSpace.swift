/// What a process had mapped at one moment: stretches without overlap, sorted by address.
struct AddressSpace: Sendable {
  struct Mapping: Equatable, Sendable {
    var start: UInt64
    /// One past the last address.
    var end: UInt64
    /// File offset of `start`.
    var pageOffset: UInt64
    /// Row of the mapping's record: path and build-id.
    var record: Int
  }

  private(set) var mappings: [Mapping] = []

  /// Maps a stretch; what it covers of older ones is gone, their ends stay.
  mutating func map(_ new: Mapping) {
    guard new.start < new.end else { return }
    let first = firstRow { $0.end > new.start }
    if first == mappings.count || mappings[first].start >= new.end {
      return mappings.insert(new, at: first)
    }
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
    guard case .mapping(let mapping) = stretch(around: address) else { return nil }
    return mapping
  }

  /// A mapping, or none.
  enum Stretch: Equatable {
    case mapping(Mapping)
    /// Addresses that nothing covers, up to the mappings next to them.
    case gap(start: UInt64, end: UInt64)
  }

  /// What is at an address, by one search.
  func stretch(around address: UInt64) -> Stretch {
    let row = firstRow { $0.end > address }
    if row < mappings.count, mappings[row].start <= address { return .mapping(mappings[row]) }
    return .gap(
      start: row > 0 ? mappings[row - 1].end : 0,
      end: row < mappings.count ? mappings[row].start : .max)
  }

  /// The first row for which a condition holds that holds for all rows behind it.
  private func firstRow(where holds: (Mapping) -> Bool) -> Int {
    var (low, high) = (0, mappings.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(mappings[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Names an address space: a process after so many changes of its mappings.
struct Space {
  let pid: Int32
  let epoch: Int
  /// See ``KernelSymbolHistory``.
  var kernelEpoch = 0

  /// Stands for the space.
  var fingerprint: Fingerprint {
    var fingerprint = Fingerprint(seed: UInt64(UInt32(bitPattern: pid)))
    fingerprint.add(UInt64(epoch), UInt64(kernelEpoch))
    return fingerprint
  }
}

/// Builds the address spaces of processes at the moments of their samples.
struct AddressSpaceHistory: Sendable {
  private let timeline: Timeline
  /// The spaces of each process asked for last; all of them would be the square of the mappings.
  private var recent: [Int32: [(epoch: Int, space: AddressSpace)]] = [:]

  /// Spaces at regular moments of each process, from which the others are built: samples of several
  /// CPUs jump back and forth in time.
  private var checkpoints: [Int32: [Int: AddressSpace]] = [:]

  private static let keptSpaces = 8
  private static let keptCheckpoints = 32

  init(_ timeline: Timeline) { self.timeline = timeline }

  /// The records of all mappings, by ``AddressSpace/Mapping/record``.
  var records: [MapRecord] { timeline.maps }

  /// How many of the process' changes had happened: samples of equal epochs share a space.
  func epoch(of pid: Int32, at time: UInt64) -> Int {
    timeline.events(of: pid).countUntil(time) { $0.time }
  }

  /// The space of a process after the changes of its epoch.
  mutating func space(of key: Space) -> AddressSpace {
    space(of: key.pid, epoch: key.epoch, depth: 0)
  }

  /// - Parameter depth: of forks followed; a hostile recording's may be circular.
  private mutating func space(of pid: Int32, epoch: Int, depth: Int) -> AddressSpace {
    guard epoch > 0, depth < 64 else { return AddressSpace() }
    let all = timeline.events(of: pid)
    let interval = max(256, all.count / AddressSpaceHistory.keptCheckpoints)
    var (base, space) = checkpoint(of: pid, before: epoch, interval)
    for (earlier, known) in recent[pid] ?? [] where earlier <= epoch && earlier > base {
      (base, space) = (earlier, known)
    }
    guard base < epoch else { return space }
    let events = all.dropFirst(base).prefix(epoch - base)
    // Whatever was before the last fork is gone.
    if let last = events.lastIndex(where: \.change.isInherit),
      case .inherit(let parent) = events[last].change
    {
      let birth = self.epoch(of: parent, at: events[last].time)
      space = self.space(of: parent, epoch: birth, depth: depth + 1)
      base = last + 1 - all.startIndex
    }
    for index in base..<epoch {
      if case .map(let record) = all[all.startIndex + index].change {
        space.map(mapping(of: record))
      }
      if (index + 1) % interval == 0 { checkpoints[pid, default: [:]][index + 1] = space }
    }
    keep(space, of: pid, epoch: epoch)
    return space
  }

  /// The last checkpoint at or before an epoch; the empty space of epoch 0 where there is none.
  private func checkpoint(
    of pid: Int32, before epoch: Int, _ interval: Int
  ) -> (epoch: Int, space: AddressSpace) {
    guard let known = checkpoints[pid] else { return (0, AddressSpace()) }
    for moment in stride(from: epoch / interval * interval, to: 0, by: -interval) {
      if let space = known[moment] { return (moment, space) }
    }
    return (0, AddressSpace())
  }

  private mutating func keep(_ space: AddressSpace, of pid: Int32, epoch: Int) {
    recent[pid, default: []].append((epoch, space))
    if let count = recent[pid]?.count, count > AddressSpaceHistory.keptSpaces {
      recent[pid]?.removeFirst()
    }
  }

  private func mapping(of row: Int) -> AddressSpace.Mapping {
    let (start, length) = (records[row].start, records[row].length)
    let (end, overflow) = start.addingReportingOverflow(length)
    return AddressSpace.Mapping(
      start: start, end: overflow ? .max : end, pageOffset: records[row].pageOffset, record: row)
  }
}
