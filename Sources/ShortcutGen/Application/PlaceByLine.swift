/// Finds the call on the line, and in the column, that the debug information names.
struct PlaceByLine {
  let resolver: SiteResolver
  let files: [ParsedFile]
  let line: Int

  private var site: CallSite { resolver.site }

  /// The call, or nil if there is none on the line: then the function alone must decide.
  func find() throws(Refusal) -> CallPlace? {
    var matches: [CallPlace] = []
    for file in files { matches += try places(in: file) }
    if matches.count > 1, let column = site.column, column > 0 {
      let exact = matches.filter { $0.location.column == column && $0.location.line == line }
      if exact.count == 1 { matches = exact }
    }
    guard let match = matches.first else { return nil }
    guard matches.count == 1 else {
      throw Refusal(
        "\(matches.count) calls of \(site.wrapperLabel) at \(match.location); "
          + "the recorded column does not say which is meant")
    }
    try checkFunction(of: match)
    return match
  }

  /// Calls whose name is on the line, or else calls that reach over it.
  private func places(in file: ParsedFile) throws(Refusal) -> [CallPlace] {
    let source = file.source
    let names = resolver.wrapperNames(in: file)
    var found: [CallPlace] = []
    for definition in file.definitions where covers(definition.body, in: source) {
      let function = Found(file: file, definition: definition)
      found += resolver.places(in: function, names: names)
      if let macro = macroUse(names, in: function), !found.contains(where: { isNamed($0) }) {
        throw MissingCall.refusal(macro: macro.macro, at: macro.location, site: site)
      }
    }
    let named = found.filter(isNamed)
    return named.isEmpty ? found.filter { lines(of: $0).contains(line) } : named
  }

  private func isNamed(_ place: CallPlace) -> Bool { place.location.line == line }

  private func lines(of place: CallPlace) -> ClosedRange<Int> {
    let end = place.found.file.source.location(ofToken: place.call.close).line
    return place.location.line...max(end, place.location.line)
  }

  private func covers(_ body: Range<Int>, in source: LexedSource) -> Bool {
    guard let last = body.last else { return false }
    let first = source.location(ofToken: body.lowerBound - 1).line
    return first <= line && line <= source.location(ofToken: last).line
  }

  private func macroUse(
    _ names: WrapperNames, in found: Found
  ) -> (macro: Macro, location: SourceLocation)? {
    let source = found.file.source
    for token in found.definition.body {
      guard let name = source.name(token), let macro = names.hidden[name] else { continue }
      let location = source.location(ofToken: token)
      if location.line == line { return (macro, location) }
    }
    return nil
  }

  /// A line in another function means that this one was inlined: replacing the call there changes
  /// every copy, so it must have no other user.
  private func checkFunction(of place: CallPlace) throws(Refusal) {
    let (found, source) = (place.found, place.found.file.source)
    if resolver.isWanted(found.definition) { return }
    let inlined = found.definition
    let users = source.tokens.indices.filter {
      source.name($0) == inlined.name && !inlined.head.contains($0)
    }
    let callers = place.found.file.definitions.filter(resolver.isWanted)
    let isOnlyUser = users.allSatisfy { use in
      callers.contains { $0.body.contains(use) } || isPrototype(use, in: found)
    }
    if inlined.isStatic, !callers.isEmpty, isOnlyUser { return }
    throw Refusal(
      "the call of \(site.wrapperLabel) at \(place.location) stands in "
        + "\(inlined.name.printable), which was inlined into \(site.baseName); a change there would "
        + "concern its other callers, too")
  }

  /// A mention outside of all bodies that a parenthesis and a `;` follow.
  private func isPrototype(_ token: Int, in found: Found) -> Bool {
    let source = found.file.source
    guard !found.file.definitions.contains(where: { $0.body.contains(token) }),
      source.isSymbol("(", at: token + 1),
      let close = source.closing(token + 1, below: min(source.tokens.count, token + 4096))
    else { return false }
    return source.isSymbol(";", at: close + 1)
  }
}
