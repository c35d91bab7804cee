/// Tells which structure a variable is, by the functions it points to.
///
/// BTF has no types of variables. But a pointer to a function whose prototype BTF knows, at an
/// offset where a structure has a member of that prototype, is evidence for the structure; an
/// address where the structure has a number, or a function of another prototype, is evidence
/// against it. A structure fits if all of a variable's pointers are explained; the one that
/// explains most is taken.
struct TableMatcher {
  private let types: KernelTypes
  private var functions: FunctionTypes

  /// How well a layout explains the words of a variable.
  struct Fit {
    var layout: Int
    var matched = 0
    /// Functions of another prototype than the member's: casts, if there are few.
    var mismatched = 0
    /// Functions beyond the structure's end that are no members of an array of them.
    var unexplained = 0
    /// Addresses where the structure has pointers.
    var pointers = 0
    /// The structure's size: of two that explain the same, one often is the first member of the
    /// other, and that much is certain.
    var size = 0

    var order: (Int, Int, Int, Int) { (matched - mismatched, -unexplained, pointers, -size) }
  }

  init(_ types: KernelTypes, _ functions: FunctionTypes) {
    self.types = types
    self.functions = functions
  }

  /// The layout of a fit.
  func layout(_ fit: Fit) -> OperationsLayout { types.layouts[fit.layout] }

  /// The layouts that fit best, one where there is no doubt.
  mutating func best(for words: VariableWords) -> [Fit] {
    var fits: [Fit] = []
    for layout in candidates(words) {
      if let fit = fit(layout, words) { fits.append(fit) }
    }
    guard let best = fits.max(by: { $0.order < $1.order }) else { return [] }
    return fits.filter { $0.order == best.order }
  }

  private mutating func candidates(_ words: VariableWords) -> [Int] {
    var found: Set<Int> = []
    for pointer in words.pointers {
      for name in functions.names(pointer.row) where name.prototype != 0 {
        found.formUnion(types.layouts(slotAt: pointer.offset, name.prototype))
      }
    }
    return found.sorted()
  }

  /// - Returns: nil where a word speaks against the layout.
  mutating func fit(_ number: Int, _ words: VariableWords) -> Fit? {
    let layout = types.layouts[number]
    guard layout.size <= words.size else { return nil }
    var fit = Fit(layout: number, size: layout.size)
    for (place, word) in layout.words.enumerated() {
      let value = words.value(at: place * 8)
      guard value != 0 else { continue }
      guard isPossible(value, as: word, &fit) else { return nil }
    }
    for pointer in words.pointers where pointer.offset < layout.size {
      guard isPossible(pointer, in: layout, &fit) else { return nil }
    }
    fit.unexplained = words.pointers.count { !layout.hasSlot(at: $0.offset % layout.size) }
    guard fit.matched > 0, fit.mismatched * 4 <= fit.matched else { return nil }
    return fit
  }

  private mutating func isPossible(
    _ value: UInt64, as word: OperationsLayout.Word, _ fit: inout Fit
  ) -> Bool {
    switch word {
    case .anything: return true
    case .small: return !VariableWords.isAddress(value)
    case .pointer:
      fit.pointers += 1
      return VariableWords.isPointer(value)
    case .slot: return functions.isCode(value)
    }
  }

  /// A pointer to a function is no pointer to data and no number.
  private mutating func isPossible(
    _ pointer: VariableWords.Pointer, in layout: OperationsLayout, _ fit: inout Fit
  ) -> Bool {
    guard pointer.offset % 8 == 0 else { return false }
    switch layout.words[pointer.offset / 8] {
    case .anything: return true
    case .small, .pointer: return false
    case .slot(let slot):
      count(pointer.row, as: layout.slots[slot], &fit)
      return true
    }
  }

  private mutating func count(_ function: Int, as slot: OperationsLayout.Slot, _ fit: inout Fit) {
    let names = functions.names(function)
    if names.contains(where: { $0.prototype == slot.prototype }) {
      fit.matched += 1
    } else if names.allSatisfy({ $0.prototype != 0 && !$0.isShared }) {
      fit.mismatched += 1
    }
  }

  /// The name to show for a function in a slot: the one whose prototype fits, else the usual one.
  mutating func name(of function: Int, in slot: OperationsLayout.Slot) -> String {
    let names = functions.names(function)
    return (names.first { $0.prototype == slot.prototype } ?? names.first)?.text ?? "?"
  }
}
