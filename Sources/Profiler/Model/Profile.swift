/// A recording after one pass over its records: integers in columns, nothing resolved yet.
public struct Profile: Sendable {
  /// The samples.
  public internal(set) var samples = SampleTable()
  /// Their distinct raw call chains.
  public internal(set) var stacks = StackTable()
  /// The threads that samples belong to.
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

  /// Reads all records of a recording.
  public static func read(_ file: borrowing PerfDataFile) -> Profile {
    var builder = ProfileBuilder(file)
    file.readRecords(into: &builder)
    return builder.finish()
  }

  /// Name of an event as perf shows it.
  public func eventName(_ index: Int) -> String { attributes[index].shownName }

  /// Number of samples of each event.
  public var samplesPerEvent: [Int] {
    var counts = [Int](repeating: 0, count: attributes.count)
    for event in samples.event { counts[Int(event)] += 1 }
    return counts
  }
}
