/// Numbers for what C calls compatible types: two types have one number if a function of the one can
/// be called through a pointer to the other without a cast.
///
/// Names of structures, unions and enumerations count, not their contents, so that a declaration
/// without a body is the same as one with it; typedefs and qualifiers don't count, nor do
/// the names of parameters, which keep BTF's own deduplication from doing this.
struct BTFTypeClasses {
  private let btf: BTF
  /// By row; 0 where not known yet.
  private var numbers: [UInt32]
  private var known: [Key: UInt32] = [:]
  /// What is known of the kernel's types, for a module's.
  private let inherited: [Key: UInt32]

  private enum Key: Hashable {
    case void
    case number(size: UInt32, encoding: UInt32)
    case named(BTFKind, String)
    case unnamed(BTFType)
    case pointer(UInt32)
    case array(UInt32, length: UInt32)
    case prototype([UInt32])
  }

  /// Nesting followed; hostile types may refer to themselves.
  private static let deepest = 32

  init(_ btf: BTF) {
    self.btf = btf
    inherited = [:]
    numbers = [UInt32](repeating: 0, count: btf.count)
  }

  /// - Parameters:
  ///   - btf: the kernel's types and, behind them, a module's.
  ///   - kernel: the kernel's alone.
  init(_ btf: BTF, behind kernel: BTFTypeClasses) {
    self.btf = btf
    inherited = kernel.known
    numbers = kernel.numbers
    numbers.append(contentsOf: repeatElement(0, count: btf.count - numbers.count))
  }

  /// The number of a type.
  mutating func number(of type: BTFType, depth: Int = 0) -> UInt32 {
    guard type.index < numbers.count, depth < BTFTypeClasses.deepest else { return 0 }
    if numbers[type.index] != 0 { return numbers[type.index] }
    let key = key(of: btf.resolved(type), depth: depth)
    let number = inherited[key] ?? known[key] ?? UInt32(inherited.count + known.count + 1)
    if inherited[key] == nil { known[key] = number }
    numbers[type.index] = number
    return number
  }

  private mutating func key(of type: BTFType, depth: Int) -> Key {
    let (kind, value) = (btf.kind(type), type.index < btf.count ? btf.values[type.index] : 0)
    switch kind {
    case .int: return .number(size: value, encoding: btf.words[Int(btf.tails[type.index])] >> 24)
    case .float: return .number(size: value, encoding: .max)
    case .structure, .union, .enumeration, .enumeration64, .forward: return named(type)
    case .pointer: return .pointer(number(of: btf.target(type), depth: depth + 1))
    case .array:
      let (element, length) = btf.array(type)
      return .array(number(of: element, depth: depth + 1), length: length)
    case .functionPrototype:
      let types = [btf.target(type)] + btf.parameters(type)
      return .prototype(types.map { number(of: $0, depth: depth + 1) })
    default: return .void
    }
  }

  /// A forward declaration says by its flag whether it is of a union.
  private func named(_ type: BTFType) -> Key {
    let name = btf.name(type)
    guard !name.isEmpty else { return .unnamed(type) }
    switch btf.kind(type) {
    case .forward: return .named(btf.flags[type.index] ? .union : .structure, name)
    case .enumeration64: return .named(.enumeration, name)
    case let kind: return .named(kind, name)
    }
  }
}
