/// What the side-band records say about names and address spaces, each with its time.
///
/// Records are not in the order of time in the file; ``seal()`` sorts once, then every question
/// about a sample is answered for the sample's own time.
public struct Timeline: Sendable {
  /// A change of one process' address space.
  ///
  /// execve is none: what the old program had mapped stays until the new one maps over it, as in
  /// perf, because the stacks of execve itself still stand in the old program's code.
  struct SpaceEvent: Sendable {
    enum Change: Sendable {
      /// Row of ``Timeline/maps``.
      case map(Int)
      /// fork: begins with the parent's mappings of this moment.
      case inherit(parent: Int32)
    }
    let time: UInt64
    let change: Change

    var isInherit: Bool {
      if case .inherit = change { true } else { false }
    }
  }

  fileprivate struct NameEvent: Sendable {
    enum Change: Sendable, Equatable {
      case name(CommID)
      /// fork: called as the parent was at this moment, whatever a task of the same id was before.
      case inherit(parent: ThreadKey)
    }
    let time: UInt64
    let change: Change
  }

  private var spaces: [Int32: [SpaceEvent]] = [:]
  /// What processes mapped, in the order of the file.
  private(set) var maps: [MapRecord] = []
  private var names: [ThreadKey: [NameEvent]] = [:]
  private(set) var comms = CommTable()
  /// Mappings of the kernel and its modules: pid −1.
  private(set) var kernelMaps: [MapRecord] = []
  private(set) var kernelSymbols = KernelSymbolHistory()
  /// What was mapped, by ``MapRecord/file``.
  var files = RecordedFiles()

  mutating func add(_ map: MapRecord, cpuMode: UInt8, at time: UInt64) {
    if cpuMode == RecordMisc.kernel {
      kernelMaps.append(map)
    } else {
      spaces[map.pid, default: []].append(SpaceEvent(time: time, change: .map(maps.count)))
      maps.append(map)
    }
  }

  mutating func add(_ comm: CommRecord, at time: UInt64) {
    let key = ThreadKey(pid: comm.pid, tid: comm.tid)
    names[key, default: []].append(NameEvent(time: time, change: .name(comms.intern(comm.name))))
  }

  /// - Parameter inheritsMaps: false where perf wrote the record for a task that ran already, whose
  ///   mappings follow in full.
  mutating func add(fork: TaskRecord, at time: UInt64, inheritsMaps: Bool) {
    let key = ThreadKey(pid: fork.pid, tid: fork.tid)
    let parent = ThreadKey(pid: fork.parentPID, tid: fork.parentTID)
    names[key, default: []].append(NameEvent(time: time, change: .inherit(parent: parent)))
    guard inheritsMaps, fork.pid != fork.parentPID else { return }
    spaces[fork.pid, default: []].append(
      SpaceEvent(time: time, change: .inherit(parent: fork.parentPID)))
  }

  mutating func add(_ symbol: KSymbolRecord, at time: UInt64) {
    kernelSymbols.add(symbol, at: time)
  }

  /// Sorts everything by time; equal times keep the file's order.
  mutating func seal() {
    for pid in spaces.keys { spaces[pid]?.sortStably { $0.time } }
    for thread in names.keys { names[thread]?.sortStably { $0.time } }
    kernelSymbols.seal()
  }

  /// The file that a mapping's record names.
  func file(of map: MapRecord) -> RecordedFile { files[map.file] }

  /// The changes of a process' address space, in the order of time.
  func events(of pid: Int32) -> [SpaceEvent] { spaces[pid] ?? [] }

  /// The name of a thread at a time: the last COMM since it was forked, else its parent's then.
  func comm(of thread: ThreadKey, at time: UInt64) -> CommID? {
    var (key, moment) = (thread, time)
    for _ in 0..<64 {  // a chain of forks; a hostile one may be circular
      guard let event = names[key]?.lastEvent(until: moment) else { break }
      switch event.change {
      case .name(let comm): return comm
      case .inherit(let parent): (key, moment) = (parent, event.time)
      }
    }
    return nil
  }

  /// How many threads of a process the records name.
  public func threadCount(of pid: Int32) -> Int { names.keys.count { $0.pid == pid } }

  /// How many processes a process forked.
  public func forkCount(of pid: Int32) -> Int {
    names.reduce(0) { sum, task in
      let isChild =
        task.key.pid != pid
        && task.value.contains { event in
          if case .inherit(let parent) = event.change { parent.pid == pid } else { false }
        }
      return sum + (isChild ? 1 : 0)
    }
  }

  /// How things stood for a thread, and for how long.
  struct Moment {
    /// Its name, if it has one.
    let comm: CommID?
    /// How many changes of its address space the process had seen.
    let epoch: Int
    /// See ``KernelSymbolHistory``.
    let kernelEpoch: Int
    /// All times for which the same holds.
    let times: ClosedRange<UInt64>
  }

  /// How things stood for a thread at a time.
  func moment(of thread: ThreadKey, at time: UInt64) -> Moment {
    let events = spaces[thread.pid] ?? []
    let epoch = events.countUntil(time) { $0.time }
    let renamings = names[thread] ?? []
    let renamed = renamings.countUntil(time) { $0.time }
    let changes = kernelSymbols.boundaries
    let kernelEpoch = kernelSymbols.epoch(at: time)
    let first = max(
      epoch > 0 ? events[epoch - 1].time : 0, renamed > 0 ? renamings[renamed - 1].time : 0,
      kernelEpoch > 0 ? changes[kernelEpoch - 1] : 0)
    let next = min(
      epoch < events.count ? events[epoch].time : .max,
      renamed < renamings.count ? renamings[renamed].time : .max,
      kernelEpoch < changes.count ? changes[kernelEpoch] : .max)
    // Whatever comes next comes after `time`, so its time is not 0.
    return Moment(
      comm: comm(of: thread, at: time), epoch: epoch, kernelEpoch: kernelEpoch,
      times: first...(next == .max ? .max : next - 1))
  }
}

/// A row of ``CommTable``.
public struct CommID: Hashable, Sendable {
  /// Index of the row.
  public let index: Int
}

/// The distinct thread names of a recording.
public struct CommTable: Sendable {
  /// The names, by ``CommID``.
  public private(set) var names: [String] = []
  private var ids: [String: CommID] = [:]

  mutating func intern(_ name: String) -> CommID {
    if let id = ids[name] { return id }
    let id = CommID(index: names.count)
    names.append(name)
    ids[name] = id
    return id
  }
}

extension [Timeline.NameEvent] {
  /// The last one that happened by a time; the array is sorted.
  fileprivate func lastEvent(until moment: UInt64) -> Element? {
    let count = countUntil(moment) { $0.time }
    return count > 0 ? self[count - 1] : nil
  }
}

extension Array {
  /// How many elements of a sorted array lie at or before a time.
  func countUntil(_ moment: UInt64, _ time: (Element) -> UInt64) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if time(self[middle]) <= moment { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Array {
  /// Sorts by a key; elements with equal keys keep their order.
  fileprivate mutating func sortStably(by key: (Element) -> UInt64) {
    var last: UInt64 = 0
    let isSorted = allSatisfy { element in
      defer { last = key(element) }
      return last <= key(element)
    }
    if isSorted { return }
    let order = indices.sorted { (key(self[$0]), $0) < (key(self[$1]), $1) }
    self = order.map { self[$0] }
  }
}
