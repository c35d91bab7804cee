/// How to get from a function to its caller at one address of its code: a row of DWARF's table of
/// call frame information.
struct CallFrameRow: Sendable {
  /// The canonical frame address: what the stack pointer was before the call.
  var cfa: CallFrameRule
  /// What became of registers that the caller gets back changed.
  var rules: [CallFrameRule] = []
  /// One bit for each register that the caller gets back as it is now.
  var kept: UInt64 = 0
  /// The register, by DWARF's number, that holds the address to return to.
  var returnRegister: UInt8 = 0
  /// Whether a signal handler returns here: the caller was stopped, not called.
  var isSignalFrame = false
}

/// Where the caller's value of one register is.
struct CallFrameRule: Sendable {
  enum Kind: UInt8, Sendable {
    /// The value of register ``source`` plus ``offset``.
    case register
    /// In memory at the canonical frame address plus ``offset``.
    case inFrame
    /// The canonical frame address plus ``offset``.
    case frameAddress
    /// In memory where ``operations`` say.
    case inMemory
    /// What ``operations`` give.
    case computed
  }

  var kind: Kind
  /// The register it is about; 0 for the canonical frame address.
  var register: UInt8 = 0
  var source: UInt8 = 0
  /// Wraps: most are negative.
  var offset: UInt64 = 0
  var operations: [FrameOperation] = []
}

/// An operation of a DWARF expression as libdw decodes it.
struct FrameOperation: Sendable {
  let atom: UInt8
  let number: UInt64
  let number2: UInt64
}
