/// Puts samples together that agree in thread, name, event, address space and call chain.
struct SampleGrouping {
  /// What samples of one group share beside their call chain.
  struct Circumstance: Hashable {
    let thread: UInt32
    let comm: UInt32
    let event: UInt16
    /// How many changes of its address space the process had seen.
    let epoch: UInt32
  }

  /// Samples that agree in everything but their time.
  struct Group {
    /// Row of ``circumstances``.
    let circumstance: UInt32
    let stack: StackID
    var samples: UInt64 = 0
    var period: UInt64 = 0
  }

  private(set) var circumstances: [Circumstance] = []
  private(set) var groups: [Group] = []
  private(set) var comms: [String]
  private var circumstanceRows: [Circumstance: UInt32] = [:]
  private var last: (circumstance: Circumstance, row: UInt32)?
  private var groupRows = IntegerMap(bits: 12)
  private var unnamed: [Int32: UInt32] = [:]
  private let onlyComm: [UInt32?]
  private let timeline: Timeline

  /// Groups the wanted samples, in the order of first appearance.
  init(_ profile: Profile, _ spaces: AddressSpaceHistory, where isWanted: (Int) -> Bool) {
    timeline = profile.timeline
    comms = profile.timeline.comms.names
    onlyComm = profile.threads.map {
      guard profile.timeline.hasOneName($0) else { return nil }
      return profile.timeline.comm(of: $0, at: .max).map { UInt32($0.index) }
    }
    for index in 0..<profile.samples.count where isWanted(index) {
      add(index, of: profile.samples, profile.threads, spaces)
    }
  }

  private mutating func add(
    _ index: Int, of samples: SampleTable, _ threads: [ThreadKey], _ spaces: AddressSpaceHistory
  ) {
    let (thread, time) = (samples.thread[index], samples.time[index])
    let key = threads[Int(thread)]
    let circumstance = row(
      of: Circumstance(
        thread: thread, comm: comm(thread, key, time), event: samples.event[index],
        epoch: UInt32(spaces.epoch(of: key.pid, at: time))))
    let stack = samples.stack[index]
    let group = Int(
      groupRows.row(
        of: UInt64(circumstance) << 32 | UInt64(stack.rawValue), orInsert: UInt32(groups.count)))
    if group == groups.count { groups.append(Group(circumstance: circumstance, stack: stack)) }
    groups[group].samples += 1
    groups[group].period.addClamped(samples.period[index])
  }

  private mutating func row(of circumstance: Circumstance) -> UInt32 {
    if let last, last.circumstance == circumstance { return last.row }
    let row = circumstanceRows[circumstance] ?? UInt32(circumstances.count)
    if Int(row) == circumstances.count {
      circumstanceRows[circumstance] = row
      circumstances.append(circumstance)
    }
    last = (circumstance, row)
    return row
  }

  /// A thread without a name is perf's `:tid`; the idle task is `swapper`.
  private mutating func comm(_ row: UInt32, _ thread: ThreadKey, _ time: UInt64) -> UInt32 {
    if let only = onlyComm[Int(row)] { return only }
    if let id = timeline.comm(of: thread, at: time) { return UInt32(id.index) }
    if let known = unnamed[thread.tid] { return known }
    comms.append(thread.tid == 0 ? "swapper" : ":\(thread.tid)")
    unnamed[thread.tid] = UInt32(comms.count - 1)
    return UInt32(comms.count - 1)
  }
}
