import Profiler

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
        return [try MacroPlace(resolver: resolver, found: function, use: macro).place()]
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

  private func macroUse(_ names: WrapperNames, in found: Found) -> MacroUse? {
    found.uses(of: names.hidden).first { $0.location.line == line }
  }

  /// A line in another function means that this one was inlined: replacing the call there changes
  /// every copy, so all its users must be sites of this shortcut.
  private func checkFunction(of place: CallPlace) throws(Refusal) {
    let (found, source) = (place.found, place.found.file.source)
    if resolver.isWanted(found.definition) { return }
    let inlined = found.definition
    let files = source.isHeader ? resolver.index.paths(naming: inlined.name) : [source.path]
    let uses = files.compactMap(resolver.index.file).flatMap { mentions(of: found, in: $0) }
    if inlined.isStatic, !uses.isEmpty, uses.allSatisfy({ $0.isShared }) { return }
    throw Refusal(
      "the call of \(site.wrapperLabel) at \(place.location) stands in "
        + "\(printable(inlined.name)), which was inlined into \(site.baseName); a change there would "
        + "concern its other callers, too")
  }

  /// The mentions of an inlined function in a file that are no prototype and not its own head:
  /// whether each stands in a function with a site of the same shortcut.
  private func mentions(of inlined: Found, in file: ParsedFile) -> [(token: Int, isShared: Bool)] {
    let source = file.source
    let isOwn = source.path == inlined.file.path
    let callers = file.definitions.filter(resolver.isShared)
    return source.tokens.indices.compactMap { token in
      guard source.name(token) == inlined.definition.name,
        !(isOwn && inlined.definition.head.contains(token)),
        !isPrototype(token, in: Found(file: file, definition: inlined.definition))
      else { return nil }
      return (token, callers.contains { $0.body.contains(token) })
    }
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
