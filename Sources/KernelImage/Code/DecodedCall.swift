/// How one function of the kernel calls, or jumps to, another.
public struct DecodedCall: Sendable, Equatable {
  /// What the instruction is.
  public enum Kind: String, Sendable {
    /// `call function`.
    case direct
    /// `call *pointer`, or a call of a retpoline's thunk.
    case indirect
    /// A direct call behind a comparison of a pointer with that function (`INDIRECT_CALL`): a
    /// hop all the same, foreseen by the kernel's author.
    case guardedDirect
    /// `call __SCT__name`: the kernel patches the target.
    case staticCall
  }

  /// Where the pointer that decides was loaded from: `mov offset(%base), …`.
  public struct Load: Sendable, Equatable {
    /// Bytes from the structure's start: the member.
    public let offset: Int64
    /// Where it was loaded.
    public let address: UInt64
  }

  /// Where the instruction stands in its image.
  public let address: UInt64
  /// The next one's address, which is what a call chain has for a call.
  public let returnAddress: UInt64
  /// Whether the kernel may replace it when it boots, so that another function is called.
  public let isReplaceable: Bool
  /// Whether it is a jump, so that the caller has no frame once it is taken.
  public let isTail: Bool
  /// What the instruction is.
  public let kind: Kind
  /// Names of the function it goes to, the shown one first; empty for an indirect one.
  public let targets: [String]
  /// First address of that function in the running kernel; nil for an indirect call, and where only
  /// the name of what a module imports is known.
  public private(set) var function: UInt64?
  /// The load of the pointer, where it is known.
  public let load: Load?
  /// A table at a fixed place that an indexed pointer comes from (`sys_call_table`), in the running
  /// kernel.
  public private(set) var table: UInt64?

  /// First address of the calling function in the running kernel.
  public private(set) var caller: UInt64 = 0

  /// The same call with addresses of the running kernel.
  func running(in caller: UInt64, to function: UInt64?, table: UInt64?) -> DecodedCall {
    var call = self
    (call.caller, call.function, call.table) = (caller, function, table)
    return call
  }
}
