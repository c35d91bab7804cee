/// The types of a kernel or of a module, in columns, a row a type:
///
///     row    0     1    2         3
///     kind   void  int  pointer   structure    …
///     value  0     4    1 (type)  64 (size)        BTF's "size or type"
///     tails  0     0    4         4                where the members stand in `data`
///
/// A module's types are numbered behind the kernel's, which they refer to, and so are its strings:
/// `base` has those rows.
///
/// Source: `Documentation/bpf/btf.rst`.
public struct BTF: Sendable {
  var kinds: [BTFKind] = []
  var counts: [UInt16] = []
  /// Bit 31 of the info word: bit fields in a structure, signed values in an enumeration.
  var flags: [Bool] = []
  var values: [UInt32] = []
  var names: [UInt32] = []
  /// Where the words behind a type's first three stand in its own BTF's words.
  var tails: [UInt32] = []
  /// The type section as words.
  var words: [UInt32] = []
  /// The string section.
  var strings: [UInt8] = []
  /// Where the words and strings of a module begin; 0 for a kernel's.
  var wordBase = 0

  /// Number of types, void included.
  var count: Int { kinds.count }

  /// All types.
  var types: some Sequence<BTFType> {
    (0..<count).lazy.map { BTFType(rawValue: UInt32(truncatingIfNeeded: $0)) }
  }

  func kind(_ type: BTFType) -> BTFKind { type.index < count ? kinds[type.index] : .void }

  /// The name of a type, empty for one without.
  func name(_ type: BTFType) -> String {
    type.index < count ? string(names[type.index]) : ""
  }

  /// The text at an offset of the string section; empty outside it.
  func string(_ offset: UInt32) -> String {
    guard offset != 0, Int(offset) < strings.count else { return "" }
    return String(decoding: strings[Int(offset)...].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// What a pointer, a qualifier, a function or a prototype refers to; for others nothing.
  func target(_ type: BTFType) -> BTFType {
    switch kind(type) {
    case .pointer, .typedef, .volatile, .const, .restrict, .typeTag, .function,
      .functionPrototype, .variable:
      known(values[type.index])
    default: .void
    }
  }

  /// The type behind typedefs and qualifiers.
  func resolved(_ type: BTFType) -> BTFType {
    var type = type
    for _ in 0..<64 where kind(type).isQualifier { type = target(type) }
    return type
  }

  /// Size in bytes of a complete type; 0 where it has none.
  func size(_ type: BTFType, depth: Int = 0) -> UInt64 {
    let type = resolved(type)
    switch kind(type) {
    case .int, .structure, .union, .enumeration, .enumeration64, .float:
      return UInt64(values[type.index])
    case .pointer: return 8
    case .array where depth < 16:
      let (element, length) = array(type)
      return size(element, depth: depth + 1).multipliedClamped(by: UInt64(length))
    default: return 0
    }
  }

  /// An array's element type and length.
  func array(_ type: BTFType) -> (element: BTFType, length: UInt32) {
    let tail = Int(tails[type.index])
    return (known(words[tail]), words[tail + 2])
  }

  /// A row, or void for one that isn't there.
  func known(_ row: UInt32) -> BTFType { BTFType(rawValue: Int(row) < count ? row : 0) }
}

extension UInt64 {
  /// The product, or the largest value where it doesn't fit.
  func multipliedClamped(by other: UInt64) -> UInt64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
