/// Turns records into a ``Profile``: the one pass over the file.
struct ProfileBuilder: RecordSink {
  private var profile = Profile()
  private let swapped: Bool
  private var layouts: [SampleLayout] = []
  private var trailers = SampleIDLayouts()
  /// Where no event records times, the position in the file stands for them, as in perf.
  private var hasTimes = false
  private var position: UInt64 = 0
  private var eventByID: [UInt64: UInt16] = [:]
  private var threadRows: [ThreadKey: UInt32] = [:]
  private var lastThread: (key: ThreadKey, row: UInt32)?
  private var sampleCount: UInt64 = 0

  init(_ file: borrowing PerfDataFile) {
    swapped = file.header.isSwapped
    profile.isPipe = file.header.isPipe
    profile.features = file.features
    profile.health.unreadableFeatures = file.features.unreadable.map(\.error)
    for attribute in file.attributes { add(attribute) }
  }

  private mutating func add(_ attribute: EventAttribute) {
    let event = UInt16(clamping: profile.attributes.count)
    profile.attributes.append(attribute)
    layouts.append(SampleLayout(attribute))
    trailers.add(attribute)
    hasTimes = hasTimes || attribute.sampleType.contains(.time)
    for id in attribute.ids { eventByID[id] = event }
  }

  consuming func finish() -> Profile {
    profile.recordCounts[.sample] = sampleCount > 0 ? sampleCount : nil
    profile.timeline.seal()
    if profile.isPipe { profile.attributes.takeNames(from: profile.features) }
    return profile
  }

  mutating func record(
    _ type: RecordType, misc: RecordMisc, body: RawSpan, at offset: UInt64
  ) -> UInt64 {
    position += 1
    if type == .sample {
      sampleCount += 1
      sample(body, misc: misc, at: offset)
      return 0
    }
    profile.recordCounts[type, default: 0] += 1
    do throws(PerfDataError) {
      return try sideband(type, misc: misc, body: body, at: offset)
    } catch {
      profile.health.skip(error)
      return 0
    }
  }

  mutating func unusable(_ error: PerfDataError) { profile.health.skip(error) }

  mutating func truncated(at offset: UInt64) {
    if profile.health.truncatedAt == nil { profile.health.truncatedAt = offset }
  }
}

// Samples: the hot path.
extension ProfileBuilder {
  private mutating func sample(_ body: RawSpan, misc: RecordMisc, at offset: UInt64) {
    guard let event = eventIndex(of: body) else {
      return profile.health.skip(
        PerfDataError(.badValue("no event has this id"), at: offset, in: "PERF_RECORD_SAMPLE"))
    }
    let layout = layouts[Int(event)]
    do throws(SampleLayoutError) {
      let places = try layout.locate(body, swapped: swapped)
      let stack = stack(of: body, places: places, layout: layout, cpuMode: misc.cpuMode)
      profile.samples.append(
        time: layout.time.map { body.load(UInt64.self, at: $0, swapped: swapped) }
          ?? (hasTimes ? 0 : position),
        period: period(of: body, layout: layout, event: event),
        thread: thread(of: body, layout: layout), stack: stack, event: event)
    } catch {
      profile.health.skip(
        PerfDataError(
          .truncated(need: error.need, have: body.byteCount - error.offset),
          at: offset + 8 + UInt64(error.offset), in: "PERF_RECORD_SAMPLE.\(error.field)"))
    }
  }

  private func eventIndex(of body: RawSpan) -> UInt16? {
    guard layouts.count > 1 else { return layouts.isEmpty ? nil : 0 }
    // The events' ids stand at the same place in all samples, or nowhere.
    guard let place = layouts[0].id else { return 0 }
    guard body.byteCount >= place + 8 else { return nil }
    return eventByID[body.load(UInt64.self, at: place, swapped: swapped)]
  }

  /// The chain's id; without a chain, that of one made of the sampled instruction alone.
  private mutating func stack(
    of body: RawSpan, places: SamplePlaces, layout: SampleLayout, cpuMode: UInt8
  ) -> StackID {
    if layout.hasCallchain {
      return profile.stacks.intern(body.extracting(places.callchain), swapped: swapped)
    }
    let context = cpuMode == RecordMisc.kernel ? CallchainContext.kernel : CallchainContext.user
    let ip = layout.ip.map { body.load(UInt64.self, at: $0, swapped: swapped) }
    let chain = [context] + (ip.map { [$0] } ?? [])
    return profile.stacks.intern(chain.span.bytes, swapped: false)
  }

  private func period(of body: RawSpan, layout: SampleLayout, event: UInt16) -> UInt64 {
    if let place = layout.period { return body.load(UInt64.self, at: place, swapped: swapped) }
    let attribute = profile.attributes[Int(event)]
    return attribute.isFrequency ? 1 : max(1, attribute.samplePeriod)
  }

  private mutating func thread(of body: RawSpan, layout: SampleLayout) -> UInt32 {
    let key =
      layout.thread.map {
        ThreadKey(
          pid: body.load(Int32.self, at: $0, swapped: swapped),
          tid: body.load(Int32.self, at: $0 + 4, swapped: swapped))
      } ?? ThreadKey(pid: -1, tid: -1)
    if let lastThread, lastThread.key == key { return lastThread.row }
    let row = threadRows[key] ?? UInt32(profile.threads.count)
    if Int(row) == profile.threads.count {
      threadRows[key] = row
      profile.threads.append(key)
    }
    lastThread = (key, row)
    return row
  }
}

// Everything else: a few thousand records a file.
extension ProfileBuilder {
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
        reading: content, type: type, misc: misc, swapped: swapped, at: offset)
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
        try KSymbolRecord(reading: content, swapped: swapped, at: offset))
    case .lost:
      profile.health.lost.addClamped(try word(body, 1, "PERF_RECORD_LOST", at: offset))
    case .lostSamples:
      profile.health.lostSamples.addClamped(
        try word(body, 0, "PERF_RECORD_LOST_SAMPLES", at: offset))
    case .throttle: profile.health.throttled += 1
    case .auxtrace: return try word(body, 0, "PERF_RECORD_AUXTRACE", at: offset)
    case .eventUpdate: try updateEvent(body, at: offset)
    case .headerAttribute where profile.isPipe:
      add(try EventAttribute(record: body, swapped: swapped, at: offset))
    case .headerFeature where profile.isPipe: try readFeature(body, at: offset)
    case .headerBuildID where profile.isPipe: try readBuildID(body, misc: misc, at: offset)
    case .headerTracingData where profile.isPipe:
      var reader = FieldReader(
        body, swapped: swapped, at: offset, in: "PERF_RECORD_HEADER_TRACING_DATA")
      return (UInt64(try reader.u32()) + 7) & ~7
    default: if type.name == nil { profile.health.unknownRecords += 1 }
    }
    return 0
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
