/// What system calls were asked for, exactly: from samples of `syscalls:sys_enter_*`.
public struct CallArguments: Sendable, Equatable {
  /// Calls by descriptor.
  public private(set) var descriptors: [Int32: UInt64] = [:]
  /// Calls by number of bytes.
  public private(set) var sizes: [UInt64: UInt64] = [:]

  /// None.
  public init() {}

  mutating func add(descriptor: Int64?, size: Int64?, calls: UInt64) {
    if let descriptor { descriptors[Int32(truncatingIfNeeded: descriptor), default: 0] += calls }
    if let size { sizes[UInt64(bitPattern: size), default: 0] += calls }
  }

  /// Adds those of other calls.
  public mutating func merge(_ other: CallArguments) {
    descriptors.merge(other.descriptors, uniquingKeysWith: &+)
    sizes.merge(other.sizes, uniquingKeysWith: &+)
  }
}

extension SampleSelection {
  /// Fields of system calls' tracepoints, for ``Profile/callArguments``: the descriptor (`fd`, of
  /// epoll's `epfd`) and the bytes (`count`, of sockets' `size` or `len`).
  static let callFields = [["fd", "epfd"], ["count", "size", "len"]]
}

extension Profile {
  /// By row of the groups; nothing where the recording has no such tracepoints.
  var callArguments: [UInt32: CallArguments] {
    guard samples.fields.count == SampleSelection.callFields.count else { return [:] }
    var arguments: [UInt32: CallArguments] = [:]
    for row in 0..<samples.count {
      let (descriptor, size) = (samples.fields[0][row], samples.fields[1][row])
      guard descriptor != nil || size != nil else { continue }
      arguments[samples.stack[row].rawValue, default: CallArguments()].add(
        descriptor: descriptor, size: size, calls: samples.period[row])
    }
    return arguments
  }
}
