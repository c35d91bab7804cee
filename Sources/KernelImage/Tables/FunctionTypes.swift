/// What is known of the functions that pointers in the image lead to.
struct FunctionTypes {
  /// One name of a function.
  struct Name: Sendable {
    let text: String
    /// Its prototype's number; 0 where the types don't have it.
    let prototype: UInt32
    /// Whether another function has that name too, so that the prototype may be the other's.
    let isShared: Bool
  }

  private let symbols: ImageSymbols
  private let types: KernelTypes
  private let code: Range<UInt64>
  private let image: KernelImage
  private var classes: BTFTypeClasses
  private var known: [Int: [Name]] = [:]
  private let shared: Set<String>

  init(_ image: KernelImage, _ symbols: ImageSymbols, _ types: KernelTypes) {
    (self.image, self.symbols, self.types) = (image, symbols, types)
    classes = types.classes
    let sections = image.sections.filter { $0.isExecutable && $0.isAllocated }
    let low = sections.map(\.address).min() ?? 0
    code = low..<max(low, sections.map { $0.address.addingClamped($0.size) }.max() ?? 0)
    shared = FunctionTypes.sharedNames(symbols)
  }

  /// Names that several functions have.
  private static func sharedNames(_ symbols: ImageSymbols) -> Set<String> {
    var seen: Set<String> = []
    var shared: Set<String> = []
    for row in 0..<symbols.count where !seen.insert(symbols.name(row)).inserted {
      shared.insert(symbols.name(row))
    }
    return shared
  }

  /// Whether a word may be the address of code.
  @inline(__always)
  func mayBeCode(_ word: UInt64) -> Bool { code.contains(word) }

  /// Whether an address lies in code.
  func isCode(_ address: UInt64) -> Bool { mayBeCode(address) && image.isCode(address) }

  /// The function that begins at an address: a row of the symbols.
  func function(at address: UInt64) -> Int? {
    guard mayBeCode(address), image.isCode(address) else { return nil }
    return symbols.row(startingAt: address)
  }

  /// A function's names, the shown one first.
  mutating func names(_ row: Int) -> [Name] {
    if let names = known[row] { return names }
    let names = symbols.aliases(row).reversed().map { text in
      Name(
        text: text, prototype: types.prototype(of: text).map { classes.number(of: $0) } ?? 0,
        isShared: shared.contains(text))
    }
    known[row] = names
    return names
  }
}

extension UInt64 {
  /// The sum, or the largest value where it doesn't fit.
  func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
