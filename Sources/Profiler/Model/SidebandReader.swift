/// The first pass over a recording: everything but its samples, which need what this finds.
///
/// Records are not in the order of time in the file, so what a thread was called and had mapped at
/// a sample is known when all records have been seen. It also marks places where a later pass may
/// begin.
struct SidebandReader: RecordSink {
  static let countsSamples = true
  private(set) var profile = Profile()
  /// Places between records, in the order of the file.
  private(set) var cuts: [RecordCut] = []
  private let swapped: Bool
  private var trailers = SampleIDLayouts()
  /// Where no event records times, the position in the file stands for them, as in perf.
  private var hasTimes = false
  private var position: UInt64 = 0
  private var eventByID: [UInt64: UInt16] = [:]
  private var sampleCount: UInt64 = 0
  /// How many records of each type there were, of those below 256: the kernel's and perf's.
  private var counts = [UInt64](repeating: 0, count: 256)
  private var file = 0
  private var nextCut: UInt64 = 0
  private let keepsSwitches: Bool

  init(_ file: borrowing PerfDataFile, keepsSwitches: Bool = false) {
    self.keepsSwitches = keepsSwitches
    swapped = file.header.isSwapped
    profile.isPipe = file.header.isPipe
    profile.isDirectory = file.isDirectory
    profile.features = file.features
    profile.health.unreadableFeatures = file.features.unreadable.map(\.error)
    for attribute in file.attributes { add(attribute) }
  }

  private mutating func add(_ attribute: EventAttribute) {
    let event = UInt16(clamping: profile.attributes.count)
    profile.attributes.append(attribute)
    trailers.add(attribute)
    hasTimes = hasTimes || attribute.sampleType.contains(.time)
    for id in attribute.ids { eventByID[id] = event }
  }

  consuming func finish() -> Profile {
    for (type, count) in counts.enumerated() where count > 0 {
      profile.recordCounts[RecordType(rawValue: UInt32(type))] = count
    }
    profile.recordCounts[.sample] = sampleCount > 0 ? sampleCount : nil
    profile.timeline.seal()
    if profile.isPipe { profile.attributes.takeNames(from: profile.features) }
    return profile
  }

  mutating func samples(_ count: Int, at offset: UInt64) {
    cut(before: offset)
    position += UInt64(count)
    sampleCount += UInt64(count)
  }

  mutating func record(
    _ type: RecordType, misc: RecordMisc, body: RawSpan, at offset: UInt64
  ) -> UInt64 {
    cut(before: offset)
    position += 1
    if type == .sample {
      sampleCount += 1
      return 0
    }
    if type.rawValue < counts.count {
      counts[Int(type.rawValue)] += 1
    } else {
      profile.recordCounts[type, default: 0] += 1
    }
    do throws(PerfDataError) {
      return try sideband(type, misc: misc, body: body, at: offset)
    } catch {
      profile.health.skip(error)
      return 0
    }
  }

  /// Says which file the next records are from.
  mutating func enter(file: Int) { (self.file, nextCut) = (file, 0) }

  private mutating func cut(before offset: UInt64) {
    guard offset >= nextCut else { return }
    cuts.append(RecordCut(file: file, offset: offset, position: position))
    nextCut = offset + RecordCut.distance
  }

  mutating func unusable(_ error: PerfDataError) {
    profile.health.skip(error)
    nextCut = 0  // where reading goes on is a place to begin: later passes search no further
  }

  mutating func truncated(at offset: UInt64) {
    if profile.health.truncatedAt == nil { profile.health.truncatedAt = offset }
  }
}

// Everything else: a few thousand records a file.
extension SidebandReader {
  /// - Returns: bytes of data that follow the record.
  private mutating func sideband(
    _ type: RecordType, misc: RecordMisc, body: RawSpan, at offset: UInt64
  ) throws(PerfDataError) -> UInt64 {
    let trailer = trailers.layout(of: body, swapped: swapped, events: eventByID)
    let content = body.extracting(0..<max(0, body.byteCount - trailer.size))
    let time = time(of: body, trailer)
    switch type {
    case .mmap, .mmap2:
      let map = try MapRecord(
        reading: content, type: type, misc: misc, swapped: swapped, at: offset,
        &profile.timeline.files)
      profile.timeline.add(map, cpuMode: misc.cpuMode, at: time)
    case .comm:
      let comm = try CommRecord(reading: content, swapped: swapped, at: offset)
      profile.timeline.add(comm, at: time)
    case .fork:
      let fork = try TaskRecord(reading: body, swapped: swapped, at: offset)
      profile.timeline.add(
        fork: fork, at: hasTimes ? fork.time : position, inheritsMaps: !misc.isForkExec)
    case .ksymbol:
      profile.timeline.add(
        try KSymbolRecord(reading: content, swapped: swapped, at: offset), at: time)
    case .callchainDeferred:
      try profile.deferredChains.add(content, swapped: swapped, at: offset)
    case .lost:
      profile.health.lost.addClamped(try word(body, 1, "PERF_RECORD_LOST", at: offset))
    case .lostSamples:
      profile.health.lostSamples.addClamped(
        try word(body, 0, "PERF_RECORD_LOST_SAMPLES", at: offset))
    case .throttle: profile.health.throttled += 1
    case .auxtrace:
      let size = try PayloadSize.auxtrace(body, swapped: swapped, at: offset)
      profile.health.auxtraceBytes.addClamped(size)
      return size
    case .eventUpdate: try updateEvent(body, at: offset)
    case .headerAttribute where profile.isPipe:
      add(try EventAttribute(record: body, swapped: swapped, at: offset))
    case .headerFeature where profile.isPipe: try readFeature(body, at: offset)
    case .headerBuildID where profile.isPipe: try readBuildID(body, misc: misc, at: offset)
    case .headerTracingData where profile.isPipe:
      let size = try PayloadSize.tracingData(body, swapped: swapped, at: offset)
      profile.features.tracingData = FileSection(
        offset: offset + UInt64(RecordHeader.byteCount + body.byteCount), size: size)
      return size
    case .contextSwitch, .contextSwitchCPUWide:
      if keepsSwitches, !misc.isSwitchOut { addSwitch(body, trailer, at: time) }
    default: if type.name == nil { profile.health.unknownRecords += 1 }
    }
    return 0
  }

  private mutating func addSwitch(_ body: RawSpan, _ trailer: SampleIDLayout, at time: UInt64) {
    guard let distance = trailer.threadFromEnd, body.byteCount >= trailer.size else { return }
    let tid = body.load(Int32.self, at: body.byteCount - distance + 4, swapped: swapped)
    profile.switches.append(SwitchIn(time: time, tid: tid))
  }

  private func word(
    _ body: RawSpan, _ index: Int, _ structure: String, at offset: UInt64
  ) throws(PerfDataError) -> UInt64 {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: structure)
    try reader.skip(8 * index)
    return try reader.u64()
  }

  private func time(of body: RawSpan, _ trailer: SampleIDLayout) -> UInt64 {
    guard hasTimes else { return position }
    guard let distance = trailer.timeFromEnd, body.byteCount >= trailer.size else { return 0 }
    return body.load(UInt64.self, at: body.byteCount - distance, swapped: swapped)
  }

  /// `PERF_RECORD_EVENT_UPDATE` of kind NAME (2): type u64, event id u64, text.
  private mutating func updateEvent(_ body: RawSpan, at offset: UInt64) throws(PerfDataError) {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_EVENT_UPDATE")
    let kind = try reader.u64()
    let id = try reader.u64()
    guard kind == 2, let event = eventByID[id] else { return }
    profile.attributes[Int(event)].name = reader.restAsText()
  }

  /// `PERF_RECORD_HEADER_FEATURE`: the feature's number as u64, then its section's bytes.
  private mutating func readFeature(_ body: RawSpan, at offset: UInt64) throws(PerfDataError) {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_HEADER_FEATURE")
    let number = try reader.u64()
    try profile.features.read(
      Int(clamping: number), body: body.extracting(8..<body.byteCount), swapped: swapped,
      at: offset + 8)
  }

  /// `PERF_RECORD_HEADER_BUILD_ID`: an entry of the build-id section, its header the record's own.
  private mutating func readBuildID(
    _ body: RawSpan, misc: RecordMisc, at offset: UInt64
  ) throws(PerfDataError) {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_HEADER_BUILD_ID")
    try profile.features.addBuildID(&reader, misc: misc, pathSize: body.byteCount - 28)
  }
}

/// A place between two records.
struct RecordCut: Sendable {
  /// Index of the file.
  let file: Int
  /// Of the record behind it, in the file.
  let offset: UInt64
  /// How many records are before it.
  let position: UInt64

  /// Bytes between two cuts, about.
  static let distance: UInt64 = 1 << 20
}

/// Sizes of data that follow a record and belong to it.
enum PayloadSize {
  /// `PERF_RECORD_AUXTRACE`: begins with the size.
  static func auxtrace(
    _ body: RawSpan, swapped: Bool, at offset: UInt64
  ) throws(PerfDataError) -> UInt64 {
    var reader = FieldReader(body, swapped: swapped, at: offset, in: "PERF_RECORD_AUXTRACE")
    return try reader.u64()
  }

  /// `PERF_RECORD_HEADER_TRACING_DATA`: begins with the size before padding.
  static func tracingData(
    _ body: RawSpan, swapped: Bool, at offset: UInt64
  ) throws(PerfDataError) -> UInt64 {
    var reader = FieldReader(
      body, swapped: swapped, at: offset, in: "PERF_RECORD_HEADER_TRACING_DATA")
    return (UInt64(try reader.u32()) + 7) & ~7
  }
}
