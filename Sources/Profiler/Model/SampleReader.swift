/// Which samples of a recording are read, and in which form they are kept.
public struct SampleSelection: Sendable {
  /// Only samples of these times, on the recording's clock.
  public var times: ClosedRange<UInt64>?
  /// Only samples of this thread.
  public var tid: Int32?
  /// Keeps each sample as a row of ``Profile/samples`` beside its group.
  public var keepsSamples = false

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
  private let selection: SampleSelection
  private let swapped: Bool
  private let isPipe: Bool
  /// Where no event records times, the position in the file stands for them, as in perf.
  private let hasTimes: Bool
  private var position: UInt64 = 0
  /// The file that chains stand in as they are; nil where they must be copied.
  private var file: Int?
  /// The file that is read, if what is read stands in it as it is.
  private var stacksFile: Int?
  /// Where user stacks go that stand in no file as they are.
  private let spool = SampleSpool()
  private var threadRows = IntegerMap(bits: 8)
  private var moments: [Moment] = []
  private var last = (key: UInt64.max, row: 0)
  private var places: [Place: UInt32] = [:]
  private var circumstances = IntegerMap(bits: 8)

  /// Between two changes of a thread.
  private struct Moment {
    /// Empty before the thread's first sample.
    var first: UInt64 = 1
    var last: UInt64 = 0
    var place: UInt32 = 0
  }

  private struct Place: Hashable {
    let pid: Int32
    let name: ThreadName
    let epoch: Int
  }

  init(_ profile: Profile, _ chains: CallchainStore, swapped: Bool, _ selection: SampleSelection) {
    groups = SampleGroups(chains)
    totals = profile.attributes.map { _ in EventTotal() }
    attributes = profile.attributes
    layouts = profile.attributes.map(SampleLayout.init)
    eventByID = profile.attributes.rowsByID
    timeline = profile.timeline
    hasTimes = profile.attributes.contains { $0.sampleType.contains(.time) }
    isPipe = profile.isPipe
    self.swapped = swapped
    self.selection = selection
  }

  /// Says where the next records come from.
  ///
  /// - Parameters:
  ///   - file: nil where what is read is not what stands in the file, or samples are kept.
  ///   - position: how many records are before them.
  mutating func enter(file: Int?, position: UInt64) {
    (self.file, self.position) = (selection.keepsSamples ? nil : file, position)
    stacksFile = file
  }

  mutating func record(
    _ type: RecordType, misc: RecordMisc, body: RawSpan, at offset: UInt64
  ) -> UInt64 {
    position &+= 1  // records of a file
    if type == .sample {
      sample(body, misc: misc, at: offset)
      return 0
    }
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
  @inline(__always)
  private mutating func sample(_ body: RawSpan, misc: RecordMisc, at offset: UInt64) {
    guard let event = eventIndex(of: body) else {
      return health.skip(
        PerfDataError(.badValue("no event has this id"), at: offset, in: "PERF_RECORD_SAMPLE"))
    }
    do throws(SampleLayoutError) {
      let places = try layouts[event].locate(body, swapped: swapped)
      add(body, places, event: event, cpuMode: misc.cpuMode, at: offset)
    } catch {
      health.skip(
        PerfDataError(
          .truncated(need: error.need, have: body.byteCount - error.offset),
          at: offset + 8 + UInt64(error.offset), in: "PERF_RECORD_SAMPLE.\(error.field)"))
    }
  }

  @inline(__always)
  private mutating func add(
    _ body: RawSpan, _ places: SamplePlaces, event: Int, cpuMode: UInt8, at offset: UInt64
  ) {
    let layout = layouts[event]
    let time =
      layout.time.map { body.load(UInt64.self, at: $0, swapped: swapped) }
      ?? (hasTimes ? 0 : position)
    let period = period(of: body, layout, event)
    totals[event].count(period: period, at: time)
    let thread = thread(of: body, layout)
    if selection.times != nil || selection.tid != nil {
      guard selection.contains(time: time, tid: thread.tid) else { return }
    }
    let circumstance = circumstance(of: thread, at: time, event)
    guard layout.hasCallchain else {
      let chain = chain(of: body, layout, cpuMode: cpuMode)
      return keep(groups.add(chain, in: circumstance, period: period), time, period, event)
    }
    if layout.hasUserStack, let place = stackPlace(body, places, event, at: offset) {
      return keep(groups.add(alone: place, in: circumstance, period: period), time, period, event)
    }
    let chain = body.extracting(places.callchain)
    if let file {
      let place = CallchainReference(
        file: file, offset: offset + UInt64(places.callchain.lowerBound))
      groups.addLater(chain, at: place, in: circumstance, period: period)
    } else {
      keep(groups.add(chain, in: circumstance, period: period), time, period, event)
    }
  }

  /// Where the chain of a sample with a user stack begins, in a file that stays.
  ///
  /// - Returns: nil where there is no stack after all, a kernel thread's for example.
  private func stackPlace(
    _ body: RawSpan, _ places: SamplePlaces, _ event: Int, at offset: UInt64
  ) -> CallchainReference? {
    guard
      let tail = try? SampleTail(
        of: body, from: places.callchain.upperBound, attributes[event], swapped: swapped),
      tail.hasUserStack
    else { return nil }
    let start = places.callchain.lowerBound - 8
    if let stacksFile {
      return CallchainReference(file: stacksFile, offset: offset + 8 + UInt64(start))
    }
    return spool.write(body.extracting(start..<body.byteCount))
      .map { CallchainReference(file: groups.nextFile, offset: $0) }
  }

  private mutating func keep(_ group: Int, _ time: UInt64, _ period: UInt64, _ event: Int) {
    guard selection.keepsSamples else { return }
    samples.append(
      time: time, period: period, thread: UInt32(last.row), stack: StackID(rawValue: UInt32(group)),
      event: UInt16(event))
  }

  private func eventIndex(of body: RawSpan) -> Int? {
    guard layouts.count > 1 else { return layouts.isEmpty ? nil : 0 }
    // The events' ids stand at the same place in all samples, or nowhere.
    guard let place = layouts[0].id else { return 0 }
    guard body.byteCount >= place + 8 else { return nil }
    return eventByID[body.load(UInt64.self, at: place, swapped: swapped)].map { Int($0) }
  }

  /// The chain of a sample without one: the sampled instruction alone.
  private func chain(of body: RawSpan, _ layout: SampleLayout, cpuMode: UInt8) -> [UInt64] {
    let context = cpuMode == RecordMisc.kernel ? CallchainContext.kernel : CallchainContext.user
    let ip = layout.ip.map { body.load(UInt64.self, at: $0, swapped: swapped) }
    return [context] + (ip.map { [$0] } ?? [])
  }

  @inline(__always)
  private func period(of body: RawSpan, _ layout: SampleLayout, _ event: Int) -> UInt64 {
    if let place = layout.period { return body.load(UInt64.self, at: place, swapped: swapped) }
    let attribute = attributes[event]
    return attribute.isFrequency ? 1 : max(1, attribute.samplePeriod)
  }

  @inline(__always)
  private mutating func thread(of body: RawSpan, _ layout: SampleLayout) -> ThreadKey {
    let key =
      layout.thread.map {
        ThreadKey(
          pid: body.load(Int32.self, at: $0, swapped: swapped),
          tid: body.load(Int32.self, at: $0 + 4, swapped: swapped))
      } ?? ThreadKey(pid: -1, tid: -1)
    if key.packed != last.key || moments.isEmpty { find(key) }
    return key
  }

  private mutating func find(_ key: ThreadKey) {
    let row = Int(threadRows.row(of: key.packed, orInsert: UInt32(moments.count)))
    if row == moments.count {
      moments.append(Moment())
      threads.append(key)
    }
    last = (key.packed, row)
  }

  /// - Precondition: `thread` is the one found last.
  @inline(__always)
  private mutating func circumstance(
    of thread: ThreadKey, at time: UInt64, _ event: Int
  ) -> UInt32 {
    if time < moments[last.row].first || time > moments[last.row].last {
      look(up: thread, at: time)
    }
    let place = moments[last.row].place
    let key = UInt64(place) << 16 | UInt64(event)
    if let row = circumstances.row(of: key) { return row }
    return newCircumstance(of: thread, at: time, event, key)
  }

  private mutating func newCircumstance(
    of thread: ThreadKey, at time: UInt64, _ event: Int, _ key: UInt64
  ) -> UInt32 {
    let moment = timeline.moment(of: thread, at: time)
    let row = groups.row(
      of: Circumstance(
        pid: thread.pid, name: ThreadName(moment.comm, tid: thread.tid), event: event,
        epoch: moment.epoch))
    circumstances.insert(key, row)
    return row
  }

  private mutating func look(up thread: ThreadKey, at time: UInt64) {
    let moment = timeline.moment(of: thread, at: time)
    let place = Place(
      pid: thread.pid, name: ThreadName(moment.comm, tid: thread.tid), epoch: moment.epoch)
    let row = places[place, default: UInt32(places.count)]
    places[place] = row
    moments[last.row] = Moment(
      first: moment.times.lowerBound, last: moment.times.upperBound, place: row)
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

extension SampleSelection {
  fileprivate func contains(time: UInt64, tid: Int32) -> Bool {
    (times?.contains(time) ?? true) && (self.tid.map { $0 == tid } ?? true)
  }
}

extension ThreadKey {
  fileprivate var packed: UInt64 {
    UInt64(UInt32(bitPattern: pid)) << 32 | UInt64(UInt32(bitPattern: tid))
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
