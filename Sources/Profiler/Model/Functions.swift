/// Where a function's code comes from; decides its colour and whether it can be a call site.
public enum FunctionOrigin: UInt8, Sendable, Hashable, CaseIterable {
  /// No function: the name of a thread, the outermost frame of its stacks.
  case thread
  /// Code of the profiled program: in UKL the linked application and its libc, on plain Linux
  /// everything that runs in user mode.
  case application
  /// System call, interrupt and exception entry and exit: what UKL_BYP skips.
  case transition
  /// Any other kernel code.
  case kernel
  /// An address that no symbol table knows.
  case unresolved
}

/// A row of ``FunctionTable``; only meaningful together with the table it came from.
public struct FunctionID: Hashable, Sendable, Comparable {
  /// Index of the row.
  public let rawValue: UInt32

  /// Wraps a row index.
  public init(_ index: Int) { rawValue = UInt32(index) }

  /// The row index.
  public var index: Int { Int(rawValue) }

  /// Orders by row, which is the order of first appearance in the recording.
  public static func < (a: FunctionID, b: FunctionID) -> Bool { a.rawValue < b.rawValue }
}

/// One function as the recording's images name it.
public struct Function: Sendable, Hashable {
  /// The symbol as the image spells it (`ukl_read`), or perf's stand-in for an address without
  /// one: `[libc.so.6]`, `[unknown]`, or `0x…` where raw addresses were asked for.
  public let symbol: String
  /// The symbol as the source spells it: without UKL's `ukl_` prefix.
  public let name: String
  /// Which kind of code it is.
  public let origin: FunctionOrigin
  /// Whether its code stands inside its caller's: the compiler put it there.
  public let isInlined: Bool

  /// Describes a function.
  public init(symbol: String, name: String, origin: FunctionOrigin, isInlined: Bool = false) {
    self.symbol = symbol
    self.name = name
    self.origin = origin
    self.isInlined = isInlined
  }
}
