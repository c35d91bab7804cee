/// The names that mean a wrapper in one file, macros of the tree taken into account.
struct WrapperNames {
  /// The wrapper itself and macros that are just another name of it: a use can be replaced.
  private(set) var plain: Set<String>
  /// Macros whose replacement calls the wrapper among other things, by name.
  private(set) var hidden: [String: Macro] = [:]
  /// A macro that takes the wrapper's own name, if there is one.
  private(set) var redefinition: Macro?

  init(_ names: Set<String>, visible files: [ParsedFile]) {
    plain = names
    let macros = Dictionary(grouping: files.flatMap { $0.source.macros() }, by: \.name)
    redefinition = names.sorted().lazy.compactMap { macros[$0]?.first }.first
    let sorted = macros.sorted { $0.key < $1.key }
    // Macros stand on macros in any order, so each pass is repeated until it finds nothing new.
    while addAliases(sorted) {}
    while addCallers(sorted) {}
  }

  /// A name counts only if all its definitions agree.
  private mutating func addAliases(_ macros: [(key: String, value: [Macro])]) -> Bool {
    let before = plain.count
    for (name, definitions) in macros
    where definitions.allSatisfy({ $0.alias.map(plain.contains) == true }) {
      plain.insert(name)
    }
    return plain.count > before
  }

  private mutating func addCallers(_ macros: [(key: String, value: [Macro])]) -> Bool {
    let (before, known) = (hidden.count, plain.union(hidden.keys))
    for (name, definitions) in macros where !known.contains(name) {
      hidden[name] = definitions.first { $0.alias.map(known.contains) == true || $0.calls(known) }
    }
    return hidden.count > before
  }
}
