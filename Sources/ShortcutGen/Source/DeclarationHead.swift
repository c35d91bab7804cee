/// The tokens between the end of one declaration and the `{` of the next: what will the brace hold?
struct DeclarationHead {
  enum Meaning {
    /// A function's body.
    case function([Candidate])
    /// Declarations: a namespace, `extern "C"` or a class, with the class's name.
    case declarations(scope: String?)
    /// A member's initializer in a constructor's head; the head goes on behind it.
    case memberInitializer
    /// Anything else: an array's initializer, an enumeration.
    case other
  }

  /// An identifier that a parenthesis follows, as a function's name is.
  struct Candidate {
    let name: Int
    let parameters: ClosedRange<Int>
  }

  /// Longer heads don't occur in sources and would make hostile ones slow.
  static let maximumLength = 4096

  let source: LexedSource
  let range: Range<Int>

  /// Words that a parenthesis follows without being a function's name.
  private static let notNames: Set<String> = [
    "__attribute__", "__attribute", "__declspec", "__asm__", "asm", "__asm", "alignas", "_Alignas",
    "noexcept", "decltype", "typeof", "__typeof__", "__typeof", "throw", "requires", "explicit",
    "_Static_assert", "static_assert", "return", "if", "while", "for", "switch", "sizeof",
  ]

  var meaning: Meaning {
    guard range.count <= Self.maximumLength else { return .other }
    let candidates = self.candidates
    let typeWord = range.lazy.compactMap(source.name).first(where: isTypeWord)
    if let first = candidates.first, !isInitializer(before: first) {
      return isMemberInitializer(behind: first) ? .memberInitializer : .function(candidates)
    }
    if isInitializer(before: nil) || !candidates.isEmpty { return .other }
    if let typeWord { return .declarations(scope: typeWord == "namespace" ? nil : scopeName) }
    return isLinkage ? .declarations(scope: nil) : .other
  }

  /// The names in order; `(name)(…)` and `(*name(…))(…)` yield the name inside.
  var candidates: [Candidate] {
    var found: [Candidate] = []
    var index = range.lowerBound
    while index < range.upperBound {
      guard source.isSymbol("(", at: index),
        let close = source.closing(index, below: range.upperBound)
      else {
        index += 1
        continue
      }
      if let name = declarator(before: index) {
        found.append(Candidate(name: name, parameters: index...close))
      }
      let isNested = source.isSymbol("*", at: index + 1) && source.name(index + 2) != nil
      index = isNested ? index + 1 : close + 1
    }
    return found
  }

  private func declarator(before open: Int) -> Int? {
    let previous = open - 1
    guard previous >= range.lowerBound else { return nil }
    if let name = source.name(previous) { return Self.notNames.contains(name) ? nil : previous }
    let isWrapped =
      source.isSymbol(")", at: previous) && source.isSymbol("(", at: previous - 2)
      && previous - 2 >= range.lowerBound
    guard isWrapped, source.name(previous - 3).map(Self.notNames.contains) != true else {
      return nil
    }
    return source.name(previous - 1).map { _ in previous - 1 }
  }

  /// Whether `=` at the outermost level makes the braces an initializer.
  private func isInitializer(before candidate: Candidate?) -> Bool {
    let isTemplate = source.name(range.lowerBound) == "template"
    var index = isTemplate ? candidate?.name ?? range.upperBound : range.lowerBound
    while index < range.upperBound {
      if source.isSymbol("=", at: index), source.name(index - 1) != "operator" { return true }
      let isOpen = source.isSymbol("(", at: index) || source.isSymbol("[", at: index)
      index = (isOpen ? source.closing(index, below: range.upperBound) ?? index : index) + 1
    }
    return false
  }

  private func isMemberInitializer(behind candidate: Candidate) -> Bool {
    endsLikeMember
      && (candidate.parameters.upperBound..<range.upperBound).contains {
        source.isSymbol(":", at: $0)
      }
  }

  /// Whether a name, `a` or `Base<T>`, stands before the brace.
  var endsLikeMember: Bool {
    source.name(range.upperBound - 1) != nil || source.isSymbol(">", at: range.upperBound - 1)
  }

  private func isTypeWord(_ word: String) -> Bool {
    ["namespace", "class", "struct", "union"].contains(word)
  }

  /// The last identifier before the base classes.
  private var scopeName: String? {
    let end = range.first { source.isSymbol(":", at: $0) } ?? range.upperBound
    return (range.lowerBound..<end).reversed().lazy.compactMap(source.name)
      .first { $0 != "final" && !isTypeWord($0) }
  }

  private var isLinkage: Bool {
    range.count == 2 && source.name(range.lowerBound) == "extern"
      && source.isKind(.string, at: range.lowerBound + 1)
  }
}

extension DeclarationHead {
  /// Whether the head, up to a `;`, may be the begin of an old-style definition:
  /// `f(a, b) int a; char *b; {`, the declaration behind the last `;` naming a parameter.
  var isOldStyle: Bool {
    guard range.count <= 512, let list = candidates.first?.parameters,
      source.name(list.upperBound + 1) != nil
    else { return false }
    let inner = (list.lowerBound + 1)..<list.upperBound
    let names = Set(inner.compactMap(source.name))
    guard !names.isEmpty, inner.count == 2 * names.count - 1,
      inner.allSatisfy({ source.name($0) != nil || source.isSymbol(",", at: $0) })
    else { return false }
    let last =
      ((list.upperBound + 1)..<range.upperBound).dropLast()
      .last { source.isSymbol(";", at: $0) } ?? list.upperBound
    return ((last + 1)..<range.upperBound).contains { source.name($0).map(names.contains) == true }
  }
}
