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
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for (name, definitions) in macros where !plain.contains(name) && hidden[name] == nil {
        isGrowing = add(name, definitions) || isGrowing
      }
    }
  }

  private mutating func add(_ name: String, _ definitions: [Macro]) -> Bool {
    if definitions.allSatisfy({ $0.alias.map(plain.contains) == true }) {
      plain.insert(name)
      return true
    }
    let known = plain.union(hidden.keys)
    let found = definitions.first {
      $0.alias.map(known.contains) == true || $0.calls(known)
    }
    guard let found else { return false }
    hidden[name] = found
    return true
  }
}
