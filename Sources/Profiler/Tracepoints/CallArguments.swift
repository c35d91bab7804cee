/// What system calls were asked for, from samples of `syscalls:sys_enter_*`.
public struct CallArguments: Sendable, Equatable {
  /// Calls that agree in what they were asked for.
  public struct Call: Hashable, Sendable {
    /// Index of the event of its entry.
    public let event: Int
    /// The first descriptor among its arguments.
    public let descriptor: Int32?
    /// Bytes asked for.
    public let size: UInt64?
  }

  /// Number of calls: at their entries exact, in other samples the samples taken in them.
  public private(set) var counts: [Call: UInt64] = [:]

  /// None.
  public init() {}

  mutating func add(_ call: Call, count: UInt64) { counts[call, default: 0].addClamped(count) }

  /// Adds those of other samples.
  public mutating func merge(_ other: CallArguments) {
    for (call, count) in other.counts { add(call, count: count) }
  }

  /// Those of one event's system call only.
  public func of(event: Int) -> CallArguments {
    var own = CallArguments()
    own.counts = counts.filter { $0.key.event == event }
    return own
  }

  /// Calls by descriptor.
  public var descriptors: [Int32: UInt64] { sums(\.descriptor) }

  /// Calls by number of bytes.
  public var sizes: [UInt64: UInt64] { sums(\.size) }

  private func sums<Key: Hashable>(_ key: (Call) -> Key?) -> [Key: UInt64] {
    var sums: [Key: UInt64] = [:]
    for (call, count) in counts {
      if let key = key(call) { sums[key, default: 0].addClamped(count) }
    }
    return sums
  }
}

extension SampleSelection {
  /// Fields of system calls' tracepoints. Sockets' calls say `size` or `len` where files' say
  /// `count`; of calls with two descriptors the first is taken, sendfile's destination.
  static let callFields = [
    ["fd", "epfd", "out_fd", "fd_in", "fdin"], ["count", "size", "len"],
  ]
}

extension TracepointFormat {
  /// Whether its samples are entries of one system call.
  var entersCall: Bool { system == "syscalls" && name.hasPrefix("sys_enter_") }
  /// Whether its samples are exits of one.
  var leavesCall: Bool { system == "syscalls" && name.hasPrefix("sys_exit_") }
}

extension Profile {
  /// By row of the groups; nothing where the recording has no such tracepoints.
  ///
  /// A sample of another event was taken in the call that its thread entered last, if the thread
  /// has not left it since: as far as the recording shows, for it need not have all calls' entries,
  /// nor any exits. Whether the sample's stack is in that call's body is for the caller to see.
  var callArguments: [Int: CallArguments] {
    guard samples.fields.count == SampleSelection.callFields.count else { return [:] }
    let formats = attributes.map(format)
    // An event with a larger period has samples of some of the calls only.
    let isComplete = attributes.map { $0.samplePeriod == 1 && !$0.isFrequency }
    var arguments: [Int: CallArguments] = [:]
    var entered: [UInt32: CallArguments.Call] = [:]
    for row in samples.rowsByTime {
      let (event, thread) = (Int(samples.event[row]), samples.thread[row])
      if formats[event]?.entersCall == true {
        let call = call(ofSample: row)
        arguments[samples.stack[row].index, default: CallArguments()].add(
          call, count: samples.period[row])
        entered[thread] = isComplete[event] ? call : nil
      } else if formats[event]?.leavesCall == true {
        entered[thread] = nil
      } else if let call = entered[thread] {
        arguments[samples.stack[row].index, default: CallArguments()].add(call, count: 1)
      }
    }
    return arguments
  }

  private func call(ofSample row: Int) -> CallArguments.Call {
    CallArguments.Call(
      event: Int(samples.event[row]),
      descriptor: samples.fields[0][row].map { Int32(truncatingIfNeeded: $0) },
      size: samples.fields[1][row].map { UInt64(bitPattern: $0) })
  }
}
