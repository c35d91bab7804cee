/// The samples of a recording in the order of the file: columns of equal length.
public struct SampleTable: Sendable {
  /// Nanoseconds of the recording's clock; where no event has times, the position in the file.
  public internal(set) var time: [UInt64] = []
  /// `PERF_SAMPLE_PERIOD`, or the attribute's fixed period.
  public internal(set) var period: [UInt64] = []
  /// Row of ``Profile/threads``.
  public internal(set) var thread: [UInt32] = []
  /// The raw call chain.
  public internal(set) var stack: [StackID] = []
  /// Index of the event's attribute.
  public internal(set) var event: [UInt16] = []

  /// The fields of tracepoints that ``SampleSelection/fields`` names, a column each; nil where a
  /// sample hasn't it.
  public internal(set) var fields: [[Int64?]] = []

  /// Number of samples.
  public var count: Int { stack.count }

  /// All rows in the order of time; at one time, of the file.
  var rowsByTime: [Int] {
    (0..<count).sorted { (time[$0], $0) < (time[$1], $1) }
  }

  mutating func append(time: UInt64, period: UInt64, thread: UInt32, stack: StackID, event: UInt16)
  {
    self.time.append(time)
    self.period.append(period)
    self.thread.append(thread)
    self.stack.append(stack)
    self.event.append(event)
  }
}

/// A thread by its ids; −1 where the task was already dead.
public struct ThreadKey: Hashable, Sendable {
  /// Thread group, user space's process id.
  public let pid: Int32
  /// Thread id.
  public let tid: Int32
}

/// A row of a ``Profile``'s groups.
public struct StackID: Hashable, Sendable {
  /// Index of the row.
  public let rawValue: UInt32
  /// The row index.
  public var index: Int { Int(rawValue) }
}
