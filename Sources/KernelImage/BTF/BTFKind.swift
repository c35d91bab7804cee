/// Kinds of BTF types.
///
/// Source: `include/uapi/linux/btf.h`.
enum BTFKind: UInt8, Sendable {
  case void, int, pointer, array, structure, union, enumeration, forward, typedef, volatile, const
  case restrict, function, functionPrototype, variable, dataSection, float, declarationTag
  case typeTag, enumeration64

  /// Bytes behind the three words that all types have.
  func tailSize(count: Int) -> Int {
    switch self {
    case .int, .variable, .declarationTag: 4
    case .array: 12
    case .structure, .union, .dataSection, .enumeration64: 12 * count
    case .enumeration, .functionPrototype: 8 * count
    default: 0
    }
  }

  /// Whether the type is another one with a word before it, or another name for it.
  var isQualifier: Bool {
    switch self {
    case .typedef, .volatile, .const, .restrict, .typeTag: true
    default: false
    }
  }
}

/// A type's row; 0 is void.
struct BTFType: Hashable, Sendable {
  let rawValue: UInt32
  static let void = BTFType(rawValue: 0)
  var index: Int { Int(rawValue) }
}
