/// What the side-band records say about names and address spaces, each with its time.
///
/// Records are not in the order of time in the file; ``seal()`` sorts once, then every question
/// about a sample is answered for the sample's own time.
public struct Timeline: Sendable {
  /// A change of one process' address space.
  ///
  /// execve is none: what the old program had mapped stays until the new one maps over it, as in
  /// perf, because the stacks of execve itself still stand in the old program's code.
  enum SpaceChange: Sendable {
    /// Row of ``Timeline/maps``.
    case map(Int)
    /// fork: begins with the parent's mappings of this moment.
    case inherit(parent: Int32)

    var isInherit: Bool {
      if case .inherit = self { true } else { false }
    }
  }

  private enum NameChange: Sendable {
    case name(CommID)
    /// fork: called as the parent was at this moment, whatever a task of the same id was before.
    case inherit(parent: ThreadKey)
  }

  private var spaces = TaskHistory<SpaceChange>()
  /// What processes mapped, in the order of the file.
  private(set) var maps: [MapRecord] = []
  private var names = TaskHistory<NameChange>()
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
      spaces.add(.map(maps.count), to: map.pid.task, at: time)
      maps.append(map)
    }
  }

  mutating func add(_ comm: CommRecord, at time: UInt64) {
    let key = ThreadKey(pid: comm.pid, tid: comm.tid)
    names.add(.name(comms.intern(comm.name)), to: key.task, at: time)
  }

  /// - Parameter inheritsMaps: false where perf wrote the record for a task that ran already, whose
  ///   mappings follow in full.
  mutating func add(fork: TaskRecord, at time: UInt64, inheritsMaps: Bool) {
    let key = ThreadKey(pid: fork.pid, tid: fork.tid)
    let parent = ThreadKey(pid: fork.parentPID, tid: fork.parentTID)
    names.add(.inherit(parent: parent), to: key.task, at: time)
    guard inheritsMaps, fork.pid != fork.parentPID else { return }
    spaces.add(.inherit(parent: fork.parentPID), to: fork.pid.task, at: time)
  }

  mutating func add(_ symbol: KSymbolRecord, at time: UInt64) {
    kernelSymbols.add(symbol, at: time)
  }

  /// Sorts everything by time; equal times keep the file's order.
  mutating func seal() {
    spaces.seal()
    names.seal()
    kernelSymbols.seal()
  }

  /// The file that a mapping's record names.
  func file(of map: MapRecord) -> RecordedFile { files[map.file] }

  /// The changes of a process' address space, in the order of time.
  func events(of pid: Int32) -> ArraySlice<TaskHistory<SpaceChange>.Event> {
    spaces.events(of: pid.task)
  }

  /// The name of a thread at a time: the last COMM since it was forked, else its parent's then.
  func comm(of thread: ThreadKey, at time: UInt64) -> CommID? {
    var (key, moment) = (thread, time)
    for _ in 0..<64 {  // a chain of forks; a hostile one may be circular
      let events = names.events(of: key.task)
      let count = events.countUntil(moment) { $0.time }
      guard count > 0 else { break }
      let event = events[events.startIndex + count - 1]
      switch event.change {
      case .name(let comm): return comm
      case .inherit(let parent): (key, moment) = (parent, event.time)
      }
    }
    return nil
  }

  /// How many threads of a process the records name.
  public func threadCount(of pid: Int32) -> Int {
    names.tasks.count { ThreadKey(task: $0).pid == pid }
  }

  /// How many processes a process forked.
  public func forkCount(of pid: Int32) -> Int {
    names.tasks.count { task in
      ThreadKey(task: task).pid != pid
        && names.events(of: task).contains { event in
          if case .inherit(let parent) = event.change { parent.pid == pid } else { false }
        }
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
    let events = spaces.events(of: thread.pid.task)
    let epoch = events.countUntil(time) { $0.time }
    let renamings = names.events(of: thread.task)
    let renamed = renamings.countUntil(time) { $0.time }
    let changes = kernelSymbols.boundaries
    let kernelEpoch = kernelSymbols.epoch(at: time)
    let first = max(
      events.time(epoch - 1) ?? 0, renamings.time(renamed - 1) ?? 0,
      kernelEpoch > 0 ? changes[kernelEpoch - 1] : 0)
    let next = min(
      events.time(epoch) ?? .max, renamings.time(renamed) ?? .max,
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

extension ArraySlice {
  /// When the change of a number was, counted from the task's first; nil if there is none.
  fileprivate func time<Change>(_ number: Int) -> UInt64?
  where Element == TaskHistory<Change>.Event {
    indices.contains(startIndex + number) ? self[startIndex + number].time : nil
  }
}

extension RandomAccessCollection where Index == Int {
  /// How many elements of a sorted collection lie at or before a time.
  func countUntil(_ moment: UInt64, _ time: (Element) -> UInt64) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if time(self[middle]) <= moment { low = middle + 1 } else { high = middle }
    }
    return low - startIndex
  }
}
