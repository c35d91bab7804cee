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
  /// Number of records by type, compressed ones' contents included.
  public internal(set) var recordCounts: [RecordType: UInt64] = [:]
  /// What was lost or could not be used.
  public internal(set) var health = ReadHealth()
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
    var sideband = SidebandReader(file)
    file.readRecords(into: &sideband)
    let cuts = sideband.cuts
    var profile = sideband.finish()
    let first = SampleReader(
      profile, CallchainStore(files: [file.file], isSwapped: file.header.isSwapped),
      swapped: file.header.isSwapped, selection)
    let parts = RecordPart.parts(
      of: file, cuts, isPlain: !profile.hasCompressedRecords,
      count: selection.keepsSamples ? 1 : workers)
    let (swapped, bytes) = (file.header.isSwapped, file.file)
    let readers = concurrently(parts.count) { index in
      var reader = first
      parts[index].read(bytes, swapped: swapped, into: &reader)
      return reader
    }
    profile.take(readers)
    return profile
  }

  private mutating func take(_ readers: consuming [SampleReader]) {
    guard var all = readers.first else {
      totals = attributes.map { _ in EventTotal() }
      return
    }
    for reader in readers.dropFirst() { all.merge(reader) }
    health.merge(all.health)
    (groups, totals) = (all.groups, all.totals)
    (samples, threads) = (all.samples, all.threads)
  }

  private var hasCompressedRecords: Bool {
    recordCounts[.compressed] != nil || recordCounts[.compressed2] != nil
  }

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

/// A stretch of a file's records that one worker reads.
private struct RecordPart {
  let offsets: Range<UInt64>
  let position: UInt64
  /// Whether the records stand in the file as they are.
  let isPlain: Bool

  /// Cuts a file into parts of about equal size.
  static func parts(
    of file: borrowing PerfDataFile, _ cuts: [RecordCut], isPlain: Bool, count: Int
  ) -> [RecordPart] {
    guard let first = cuts.first else { return [] }
    let end = file.endOfData
    let pieces = isPlain ? max(1, min(count, cuts.count)) : 1
    var starts = [first]
    for piece in stride(from: 1, to: pieces, by: 1) {
      starts.append(cuts[piece * cuts.count / pieces])
    }
    return starts.indices.map {
      RecordPart(
        offsets: starts[$0].offset..<($0 + 1 < starts.count ? starts[$0 + 1].offset : end),
        position: starts[$0].position, isPlain: isPlain)
    }
  }

  func read(_ file: MappedFile, swapped: Bool, into reader: inout SampleReader) {
    reader.enter(file: isPlain ? 0 : nil, position: position)
    var stream = RecordStream(swapped: swapped)
    stream.read(
      file.bytes.extracting(Int(offsets.lowerBound)..<Int(offsets.upperBound)),
      at: offsets.lowerBound, into: &reader)
    reader.finish()
  }
}
