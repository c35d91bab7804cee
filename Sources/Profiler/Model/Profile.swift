/// A recording with its samples in groups: integers in columns, nothing resolved yet.
public struct Profile: Sendable {
  /// The samples' groups: those that agree in process, name, event, address space and call chain.
  var groups = SampleGroups(CallchainStore())
  /// The samples of each event, wanted or not.
  public internal(set) var totals: [EventTotal] = []
  /// The samples one by one, where ``SampleSelection/keepsSamples`` asked for them.
  public internal(set) var samples = SampleTable()
  /// What ``SampleTable/thread`` means.
  public internal(set) var threads: [ThreadKey] = []
  /// Names and mappings over time.
  public internal(set) var timeline = Timeline()
  /// The events.
  public internal(set) var attributes: [EventAttribute] = []
  /// The formats of the tracepoints among the events, by ``EventAttribute/config``.
  public internal(set) var tracepoints: [UInt64: TracepointFormat] = [:]
  /// When threads began to run, where ``SampleSelection/switches`` asked for it.
  var switches: [SwitchIn] = []
  /// What samples' call chains go on with, where the kernel recorded that later.
  var deferredChains = DeferredChains()
  /// Whether call chains may be made of branch stacks.
  public internal(set) var hasBranchChains = false
  /// Number of records by type, compressed ones' contents included.
  public internal(set) var recordCounts: [RecordType: UInt64] = [:]
  /// What was lost or could not be used.
  public internal(set) var health = ReadHealth()
  /// Whether the recording is a folder of files.
  public internal(set) var isDirectory = false
  /// Whether perf wrote to a pipe.
  public internal(set) var isPipe = false
  /// What the feature sections say.
  public internal(set) var features = FeatureSections()

  /// Reads all records of a recording, in two passes: what a sample means is known only when all
  /// other records have been seen.
  ///
  /// - Parameters:
  ///   - selection: the samples to read.
  ///   - workers: threads to read samples with; the result is the same with any number.
  public static func read(
    _ file: borrowing PerfDataFile, _ selection: SampleSelection = SampleSelection(),
    workers: Int = 1
  ) -> Profile {
    read(file, selection, workers: workers, .ofThreads(workers))
  }

  /// - Parameter pass: who does the first pass.
  package static func read(
    _ file: borrowing PerfDataFile, _ selection: SampleSelection = SampleSelection(),
    workers: Int, _ pass: FirstPass
  ) -> Profile {
    var sideband = SidebandReader(file, keepsSwitches: selection.keepsSwitches)
    let unpacked = file.readRecords(into: &sideband, workers: workers, pass)
    let cuts = sideband.cuts
    var profile = sideband.finish()
    profile.readFormats(file)
    let selection = profile.fitting(selection)
    let swapped = file.header.isSwapped
    let source = SampleSource(
      file, cuts, profile.hasTimes ? unpacked : nil, isPlain: !profile.hasCompressedRecords)
    let first = SampleReader(
      profile, CallchainStore(files: source.files, isSwapped: swapped), swapped: swapped,
      selection, origins: source.origins)
    profile.hasBranchChains = profile.attributes.contains {
      ChainSource($0, showsBranches: selection.showsBranches).hasBranches
    }
    // Counters are compared with their values in the sample before.
    let isWhole = selection.keepsSamples || !source.isPlain || profile.hasCounters
    let parts = source.parts(count: isWhole ? 1 : workers)
    let readers = concurrently(parts.count) { index in
      var reader = first
      source.read(parts[index], swapped: swapped, into: &reader)
      return reader
    }
    profile.take(readers)
    return profile
  }

  private mutating func take(_ readers: consuming [SampleReader]) {
    var readers = readers
    guard !readers.isEmpty else {
      totals = attributes.map { _ in EventTotal() }
      return
    }
    // Out of the array, so that merging doesn't copy the first one's tables.
    var all = readers.removeFirst()
    for reader in readers { all.merge(reader) }
    health.merge(all.health)
    (groups, totals) = (all.groups, all.totals)
    groups.close()
    for (attribute, total) in zip(attributes, totals) where attribute.sampleType.contains(.aux) {
      health.auxSamples.addClamped(UInt64(total.samples))
    }
    (samples, threads) = (all.samples, all.threads)
  }

  private mutating func readFormats(_ file: borrowing PerfDataFile) {
    let ids = Set(attributes.filter(\.isTracepoint).map(\.config))
    guard !ids.isEmpty else { return }
    do throws(PerfDataError) {
      guard let data = try tracingData(file) else { return }
      tracepoints = TracepointFormat.formats(in: data, of: ids)
    } catch {
      health.unreadableFeatures.append(error)
    }
    for row in attributes.indices where attributes[row].name == nil {
      attributes[row].name = format(of: attributes[row]).map { "\($0.system):\($0.name)" }
    }
  }

  private func tracingData(
    _ file: borrowing PerfDataFile
  ) throws(PerfDataError) -> TracingData? {
    guard let place = features.tracingData, place.size > 0 else { return nil }
    let mapped = file.files[0]
    let range = try place.range(in: mapped.count, structure: "tracing data")
    return try TracingData(reading: mapped.bytes.extracting(range), at: place.offset)
  }

  /// The format of a tracepoint's samples, where the recording describes it.
  public func format(of attribute: EventAttribute) -> TracepointFormat? {
    attribute.isTracepoint ? tracepoints[attribute.config] : nil
  }

  /// What is asked for as far as the recording has it.
  private func fitting(_ wanted: SampleSelection) -> SampleSelection {
    guard wanted.wantsCallArguments, wanted.fields.isEmpty else { return wanted }
    guard attributes.contains(where: { format(of: $0)?.entersCall == true }) else { return wanted }
    var selection = wanted
    selection.fields = SampleSelection.callFields
    selection.keepsSamples = true
    return selection
  }

  private var hasCompressedRecords: Bool {
    recordCounts[.compressed] != nil || recordCounts[.compressed2] != nil
  }

  /// Whether samples have times; else their positions among all records stand for them.
  private var hasTimes: Bool { attributes.contains { $0.sampleType.contains(.time) } }

  private var hasCounters: Bool { attributes.contains { $0.sampleType.contains(.read) } }

  /// Name of an event as perf shows it.
  public func eventName(_ index: Int) -> String { attributes[index].shownName }

  /// What a thread was called; one without a name is perf's `:tid`, the idle task `swapper`.
  public func name(_ name: ThreadName) -> String {
    switch name {
    case .comm(let id): timeline.comms.names[id.index]
    case .unnamed(let tid): tid == 0 ? "swapper" : ":\(tid)"
    }
  }

  /// Number of samples, wanted or not.
  public var sampleCount: Int { totals.reduce(0) { $0 + $1.samples } }

  /// Number of distinct groups of samples.
  public var groupCount: Int { groups.rows.count }
}
