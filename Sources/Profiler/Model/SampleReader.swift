/// Which samples of a recording are read, and in which form they are kept.
public struct SampleSelection: Sendable {
  /// Only samples of these times, on the recording's clock.
  public var times: ClosedRange<UInt64>?
  /// Only samples of this thread.
  public var tid: Int32?
  /// Keeps each sample as a row of ``Profile/samples`` beside its group.
  public var keepsSamples = false
  /// Keeps samples with what system calls were asked for, if the recording has that: for
  /// ``ResolvedProfile/calls``.
  public var wantsCallArguments = false
  /// Takes branch stacks for call chains.
  public var showsBranches = false
  /// Fields of tracepoints to keep with each sample: for each column the names it may have.
  var fields: [[String]] = []
  /// Keeps when threads began to run.
  var keepsSwitches = false

  /// All samples, in groups.
  public init() {}
}

/// The second pass over a recording, or over a part of it: its samples.
///
/// Per sample it looks up the thread, folds the chain into a fingerprint and counts: what a thread
/// was called and had mapped is asked of the timeline once per change.
struct SampleReader: RecordSink {
  private(set) var groups: SampleGroups
  private(set) var totals: [EventTotal]
  private(set) var health = ReadHealth()
  private(set) var samples = SampleTable()
  private(set) var threads: [ThreadKey] = []

  private let attributes: [EventAttribute]
  private let layouts: [SampleLayout]
  private let eventByID: [UInt64: UInt16]
  private let timeline: Timeline
  private let deferredChains: DeferredChains
  private let selection: SampleSelection
  /// Whether all samples are wanted, and of each only which group it is in.
  private let keepsGroupsOnly: Bool
  private let swapped: Bool
  private let isPipe: Bool
  private let machine: String?
  /// Where no event records times, the position in the file stands for them, as in perf.
  private let hasTimes: Bool
  private var position: UInt64 = 0
  /// The file that chains stand in as they are; nil where they must be copied.
  private var file: Int?
  private let origins: RecordOrigins?
  private let lastFile: Int
  /// Where user stacks go that stand in no file as they are.
  private let spool = SampleSpool(isShared: false)
  private var threadRows = IntegerMap(bits: 8)
  private var moments: [Moment] = []
  private var last = (key: UInt64.max, row: 0)
  private var tasks: [TaskState] = []
  private var knownTasks = FingerprintTable()
  /// Rows of the groups' circumstances by row of ``tasks`` and event.
  private var circumstances = IntegerMap(bits: 8)
  /// By event: where the wanted fields are in its samples' raw data.
  private let fields: [[TracepointFormat.Field?]]
  private var counters = CounterValues()

  /// Between two changes of a thread.
  private struct Moment {
    /// Empty before the thread's first sample.
    var first: UInt64 = 1
    var last: UInt64 = 0
    /// Row of ``SampleReader/tasks``.
    var task: UInt32 = 0
    /// The event of the thread's last sample, and the row of what that shares with others.
    var event: UInt16 = 0
    var circumstance: UInt32 = 0
  }

  /// - Parameter origins: where in the recording the last file's samples come from.
  init(
    _ profile: Profile, _ chains: CallchainStore, swapped: Bool, _ selection: SampleSelection,
    origins: RecordOrigins? = nil
  ) {
    self.origins = origins
    lastFile = chains.nextFile - 1
    groups = SampleGroups(chains)
    totals = profile.attributes.map { _ in EventTotal() }
    attributes = profile.attributes
    layouts = profile.attributes.map {
      SampleLayout($0, showsBranches: selection.showsBranches)
    }
    eventByID = profile.attributes.rowsByID
    timeline = profile.timeline
    deferredChains = profile.deferredChains
    hasTimes = profile.attributes.contains { $0.sampleType.contains(.time) }
    isPipe = profile.isPipe
    machine = profile.features.arch
    fields = profile.attributes.map { attribute in
      selection.fields.map { profile.format(of: attribute)?.number($0) }
    }
    samples.fields = selection.fields.map { _ in [] }
    self.swapped = swapped
    self.selection = selection
    keepsGroupsOnly = !selection.keepsSamples && selection.times == nil && selection.tid == nil
  }

  /// Says where the next records come from.
  ///
  /// - Parameters:
  ///   - file: nil where what is read is not what stands in the file.
  ///   - position: how many records are before them.
  mutating func enter(file: Int?, position: UInt64) {
    (self.file, self.position) = (file, position)
  }

  mutating func record(
    _ type: RecordType, misc: RecordMisc, body: RawSpan, at offset: UInt64
  ) -> UInt64 {
    if type == .sample {
      sample(body, misc: misc, at: offset)
      return 0
    }
    position &+= 1  // records of a file
    switch type {
    case .auxtrace: return (try? PayloadSize.auxtrace(body, swapped: swapped, at: offset)) ?? 0
    case .headerTracingData where isPipe:
      return (try? PayloadSize.tracingData(body, swapped: swapped, at: offset)) ?? 0
    default: return 0
    }
  }

  // What can't be framed was counted in the first pass.
  mutating func unusable(_ error: PerfDataError) {}
  mutating func truncated(at offset: UInt64) {}
}

extension SampleReader {
  mutating func sample(_ body: RawSpan, misc: RecordMisc, at offset: UInt64) {
    position &+= 1  // records of a file
    guard let event = eventIndex(of: body) else {
      return health.skip(
        PerfDataError(
          .badValue("no event has this id"), at: origin(of: offset), in: "PERF_RECORD_SAMPLE"))
    }
    do throws(SampleLayoutError) {
      let layout = layouts[event]
      let places = try layout.locate(body, swapped: swapped)
      if let file, keepsGroupsOnly, layout.isPlain {
        return count(body, places.callchain, of: event, in: file, at: offset)
      }
      let sample = Sample(
        event: event, thread: thread(of: body, layout), time: time(of: body, layout),
        cpuMode: misc.cpuMode, offset: offset)
      if layout.hasCounters, try addCounters(body, places, layout, sample) { return }
      try add(body, places, sample, to: event, period: period(of: body, layout, event))
    } catch {
      health.skip(error.located(in: body, at: origin(of: offset)))
    }
  }

  /// Counts a sample whose chain stands in a file as it was recorded, and of which nothing is kept but
  /// its group: most are so.
  @inline(__always)
  private mutating func count(
    _ body: RawSpan, _ chain: Range<Int>, of event: Int, in file: Int, at offset: UInt64
  ) {
    let layout = layouts[event]
    let time = time(of: body, layout)
    let period = period(of: body, layout, event)
    totals[event].count(period: period, at: time)
    let circumstance = circumstance(of: thread(of: body, layout), at: time, event)
    groups.addLater(
      body.extracting(chain),
      at: CallchainReference(file: file, offset: offset + UInt64(chain.lowerBound)),
      in: circumstance, period: period)
  }

  /// Where in the recording a sample comes from.
  private func origin(of offset: UInt64) -> UInt64 {
    file == lastFile ? origins?.offset(of: offset) ?? offset : offset
  }

  /// What is known of a sample before its call chain is looked at.
  private struct Sample {
    /// Whose layout the record has.
    let event: Int
    let thread: ThreadKey
    let time: UInt64
    let cpuMode: UInt8
    let offset: UInt64
  }

  /// Counts a sample for an event, its own or another one of its group.
  ///
  /// - Precondition: `sample.thread` is the one found last.
  @inline(__always)
  private mutating func add(
    _ body: RawSpan, _ places: SamplePlaces, _ sample: Sample, to event: Int, period: UInt64
  ) throws(SampleLayoutError) {
    // Where the chain is to be made of other fields, they may be cut off; the sample counts as skipped then.
    let made =
      layouts[sample.event].chain == .recorded ? nil : try chain(of: body, places, sample)
    totals[event].count(period: period, at: sample.time)
    if selection.times != nil || selection.tid != nil {
      guard selection.contains(time: sample.time, tid: sample.thread.tid) else { return }
    }
    let circumstance = circumstance(of: sample.thread, at: sample.time, event)
    if let made {
      return try keep(
        sample, body, places, group: groups.add(made, in: circumstance, period: period),
        event: event, period: period)
    }
    if layouts[sample.event].hasUserStack, let tail = try? tail(of: body, places, sample.event),
      tail.hasUserStack
    {
      guard StackUnwinder.follows(tail, ofMachine: machine, swapped: swapped) else {
        if event == sample.event { health.foreignStacks.addClamped(1) }
        let chain = chainWithoutStack(body, places, sample)
        return try keep(
          sample, body, places, group: groups.add(chain, in: circumstance, period: period),
          event: event, period: period)
      }
      if let place = stackPlace(body, places, sample) {
        return try keep(
          sample, body, places, group: groups.add(alone: place, in: circumstance, period: period),
          event: event, period: period)
      }
    }
    let chain = body.extracting(places.callchain)
    let place = file.map {
      CallchainReference(file: $0, offset: sample.offset + UInt64(places.callchain.lowerBound))
    }
    let group = groups.add(chain, at: place, in: circumstance, period: period)
    try keep(sample, body, places, group: group, event: event, period: period)
  }

  /// Counts a sample with counter values for every event among them, by how much its counter grew.
  ///
  /// - Returns: false where it names none of the recording's events.
  @inline(never)
  private mutating func addCounters(
    _ body: RawSpan, _ places: SamplePlaces, _ layout: SampleLayout, _ sample: Sample
  ) throws(SampleLayoutError) -> Bool {
    let tid = attributes[sample.event].isInherited ? sample.thread.tid : 0
    var isKnown = false
    for counter in layout.counters(body, places, swapped: swapped) {
      guard let event = eventByID[counter.id].map(Int.init) else { continue }
      isKnown = true
      let growth = counters.growth(of: counter, tid: tid)
      if growth > 0 { try add(body, places, sample, to: event, period: growth) }
    }
    return isKnown
  }

  /// Where the chain of a sample with a user stack begins, in a file that stays.
  ///
  /// - Returns: nil where there was no room for it.
  private func stackPlace(
    _ body: RawSpan, _ places: SamplePlaces, _ sample: Sample
  ) -> CallchainReference? {
    let start = places.callchain.lowerBound - 8
    if let file {
      return CallchainReference(file: file, offset: sample.offset + 8 + UInt64(start))
    }
    return spool.write(body.extracting(start..<body.byteCount))
      .map { CallchainReference(file: groups.nextFile, offset: $0) }
  }

  /// Keeps a sample as a row, with the wanted fields of its record if it is a tracepoint's.
  private mutating func keep(
    _ sample: Sample, _ body: RawSpan, _ places: SamplePlaces, group: Int, event: Int,
    period: UInt64
  ) throws(SampleLayoutError) {
    guard selection.keepsSamples else { return }
    samples.append(
      time: sample.time, period: period, thread: UInt32(last.row),
      stack: StackID(rawValue: UInt32(group)), event: UInt16(event))
    guard !selection.fields.isEmpty else { return }
    let fields = fields[sample.event]
    for column in fields.indices { samples.fields[column].append(nil) }
    guard fields.contains(where: { $0 != nil }),
      let raw = try tail(of: body, places, sample.event).raw
    else { return }
    let row = samples.count - 1
    for (column, field) in fields.enumerated() {
      samples.fields[column][row] = field?.value(in: body, raw, swapped: swapped)
    }
  }

  /// What stands behind the call chain.
  private func tail(
    of body: RawSpan, _ places: SamplePlaces, _ event: Int
  ) throws(SampleLayoutError) -> SampleTail {
    try SampleTail(
      of: body, from: places.callchain.upperBound, attributes[event], swapped: swapped)
  }

  @inline(__always)
  private func time(of body: RawSpan, _ layout: SampleLayout) -> UInt64 {
    layout.time.offset.map { body.load(UInt64.self, at: $0, swapped: swapped) }
      ?? (hasTimes ? 0 : position)
  }

  // Out of line it would be given a copy of the reader.
  @inline(__always)
  private func eventIndex(of body: RawSpan) -> Int? {
    guard layouts.count > 1 else { return layouts.isEmpty ? nil : 0 }
    // The events' ids stand at the same place in all samples, or nowhere.
    guard let place = layouts[0].id.offset else { return 0 }
    guard body.byteCount >= place + 8 else { return nil }
    let id = body.load(UInt64.self, at: place, swapped: swapped)
    // What perf itself puts into a recording has no id and counts as the first event's.
    return eventByID[id].map { Int($0) } ?? (id == 0 ? 0 : nil)
  }

  /// The chain of a sample that doesn't carry it as it is, in host order.
  @inline(never)
  private mutating func chain(
    of body: RawSpan, _ places: SamplePlaces, _ sample: Sample
  ) throws(SampleLayoutError) -> [UInt64] {
    let layout = layouts[sample.event]
    if layout.chain == .deferred { return completed(words(of: body, places.callchain)) }
    guard layout.chain.hasBranches else { return instruction(of: body, layout, sample.cpuMode) }
    let recorded = places.callchain
    let branches = try tail(of: body, places, sample.event).branches ?? 0..<0
    let kernelPart =
      layout.chain == .branches
      ? recorded.lowerBound..<recorded.lowerBound
      : body.kernelPart(of: recorded, swapped: swapped)
    if let kernelPart, !branches.isEmpty {
      return BranchChain(body, branches, after: kernelPart, swapped: swapped).words
    }
    guard !recorded.isEmpty else { return instruction(of: body, layout, sample.cpuMode) }
    return words(of: body, recorded)
  }

  private func words(of body: RawSpan, _ places: Range<Int>) -> [UInt64] {
    stride(from: places.lowerBound, to: places.upperBound, by: 8).map {
      body.load(UInt64.self, at: $0, swapped: swapped)
    }
  }

  /// A chain with the user part that was recorded later.
  private mutating func completed(_ chain: [UInt64]) -> [UInt64] {
    guard chain.count >= 2, chain[chain.count - 2] == CallchainContext.userDeferred else {
      return chain
    }
    guard let user = deferredChains.chain(cookie: chain[chain.count - 1]) else {
      health.unfinishedChains.addClamped(1)
      return Array(chain.dropLast(2))
    }
    return chain.dropLast(2) + user
  }

  /// The chain of a sample whose user stack can't be followed: its user part is not recorded, so of
  /// user code there is the sampled instruction alone.
  @inline(never)
  private func chainWithoutStack(
    _ body: RawSpan, _ places: SamplePlaces, _ sample: Sample
  ) -> [UInt64] {
    let recorded = words(of: body, places.callchain)
    guard recorded.isEmpty else { return recorded }
    return instruction(of: body, layouts[sample.event], sample.cpuMode)
  }

  /// The sampled instruction alone.
  private func instruction(
    of body: RawSpan, _ layout: SampleLayout, _ cpuMode: UInt8
  ) -> [UInt64] {
    let context = CallchainContext.marker(ofMode: cpuMode)
    let ip = layout.ip.offset.map { body.load(UInt64.self, at: $0, swapped: swapped) }
    return [context] + (ip.map { [$0] } ?? [])
  }

  @inline(__always)
  private func period(of body: RawSpan, _ layout: SampleLayout, _ event: Int) -> UInt64 {
    if let place = layout.period.offset {
      return body.load(UInt64.self, at: place, swapped: swapped)
    }
    let attribute = attributes[event]
    return attribute.isFrequency ? 1 : max(1, attribute.samplePeriod)
  }

  @inline(__always)
  private mutating func thread(of body: RawSpan, _ layout: SampleLayout) -> ThreadKey {
    let key =
      layout.thread.offset.map {
        ThreadKey(
          pid: body.load(Int32.self, at: $0, swapped: swapped),
          tid: body.load(Int32.self, at: $0 + 4, swapped: swapped))
      } ?? ThreadKey(pid: -1, tid: -1)
    if key.task != last.key || moments.isEmpty { find(key) }
    return key
  }

  private mutating func find(_ key: ThreadKey) {
    let row = Int(threadRows.row(of: key.task, orInsert: UInt32(moments.count)))
    if row == moments.count {
      moments.append(Moment())
      threads.append(key)
    }
    last = (key.task, row)
  }

  /// - Precondition: `thread` is the one found last.
  @inline(__always)
  private mutating func circumstance(
    of thread: ThreadKey, at time: UInt64, _ event: Int
  ) -> UInt32 {
    let moment = moments[last.row]
    if moment.first <= time, time <= moment.last, moment.event == event {
      return moment.circumstance
    }
    return newCircumstance(of: thread, at: time, event)
  }

  @inline(never)
  private mutating func newCircumstance(
    of thread: ThreadKey, at time: UInt64, _ event: Int
  ) -> UInt32 {
    if time < moments[last.row].first || time > moments[last.row].last {
      look(up: thread, at: time)
    }
    let task = moments[last.row].task
    let key = UInt64(task) << 16 | UInt64(event)
    let row: UInt32
    if let known = circumstances.row(of: key) {
      row = known
    } else {
      row = groups.row(of: Circumstance(task: tasks[Int(task)], event: event))
      circumstances.insert(key, row)
    }
    moments[last.row].event = UInt16(event)
    moments[last.row].circumstance = row
    return row
  }

  private mutating func look(up thread: ThreadKey, at time: UInt64) {
    let moment = timeline.moment(of: thread, at: time)
    let task = TaskState(
      pid: thread.pid, name: ThreadName(moment.comm, tid: thread.tid), epoch: moment.epoch,
      kernelEpoch: moment.kernelEpoch)
    let row = knownTasks.row(of: task.fingerprint)
    if row == tasks.count { tasks.append(task) }
    moments[last.row] = Moment(
      first: moment.times.lowerBound, last: moment.times.upperBound, task: UInt32(row))
  }

  /// Ends a part.
  mutating func finish() {
    groups.settle()
    if let file = spool.map() { groups.add(file) }
  }

  /// Adds what a reader of a later part found.
  mutating func merge(_ other: consuming SampleReader) {
    for event in totals.indices { totals[event].merge(other.totals[event]) }
    health.merge(other.health)
    groups.merge(other.groups)
  }
}

extension SampleLayoutError {
  /// - Parameter offset: of the sample in the file.
  fileprivate func located(in body: RawSpan, at offset: UInt64) -> PerfDataError {
    PerfDataError(
      .truncated(need: need, have: body.byteCount - self.offset),
      at: offset + 8 + UInt64(self.offset), in: "PERF_RECORD_SAMPLE.\(field)")
  }
}

extension SampleSelection {
  func contains(time: UInt64, tid: Int32) -> Bool {
    (times?.contains(time) ?? true) && (self.tid.map { $0 == tid } ?? true)
  }
}

extension ThreadName {
  fileprivate init(_ comm: CommID?, tid: Int32) {
    self = comm.map(ThreadName.comm) ?? .unnamed(tid: tid)
  }
}

/// The samples of one event, whether they were wanted or not.
public struct EventTotal: Sendable {
  /// How many.
  public private(set) var samples = 0
  /// Sum of their periods.
  public private(set) var period: UInt64 = 0
  /// When the first was taken; nil without samples.
  public private(set) var earliest: UInt64?

  @inline(__always)
  mutating func count(period: UInt64, at time: UInt64) {
    samples &+= 1  // records of a file
    self.period.addClamped(period)
    if time < earliest ?? .max || samples == 1 { earliest = time }
  }

  mutating func merge(_ other: EventTotal) {
    samples += other.samples
    period.addClamped(other.period)
    earliest = [earliest, other.earliest].compactMap { $0 }.min()
  }
}
