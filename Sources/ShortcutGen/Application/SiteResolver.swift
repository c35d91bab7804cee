import Profiler

/// A function of the tree together with its file.
struct Found {
  let file: ParsedFile
  let definition: FunctionDefinition

  var location: SourceLocation { file.location(of: definition) }

  /// `name (file:line)`.
  var label: String { "\(printable(definition.name)) (\(location))" }
}

/// A call's callee, to be replaced or replaced already.
struct CallPlace {
  /// The function that makes the call.
  let found: Found
  let call: Call
  let isReplaced: Bool
  /// What is called in the end.
  let replacement: String
  /// The macro that the callee stands in, if it doesn't stand in the function itself.
  var macro: MacroCall?

  /// The file and the bytes of the callee.
  var file: ParsedFile { macro?.file ?? found.file }
  var range: Range<Int> { macro?.range ?? found.file.source.tokens[call.name].range }
  var location: SourceLocation { file.source.location(of: range.lowerBound) }
  /// First token of what is changed: the function, or what follows the macro.
  var firstToken: Int { macro?.directive.tokenIndex ?? found.definition.head.lowerBound }
}

/// Finds the one call that a site means, or says why there is none.
struct SiteResolver {
  let site: CallSite
  let index: SourceIndex
  /// All sites asked for, this one among them.
  let sites: [CallSite]

  /// The call to replace, checked.
  func resolve() throws(Refusal) -> CallPlace {
    try checkNames()
    let files = try recordedFiles()
    if let files, let line = site.line, line > 0,
      let place = try PlaceByLine(resolver: self, files: files, line: line).find()
    {
      return try CallCheck(place: place, resolver: self).checked()
    }
    let place = try onlyCall(in: definitions(in: files))
    return try CallCheck(place: place, resolver: self).checked()
  }

  /// The names that mean the wrapper in a file.
  func wrapperNames(in file: ParsedFile) -> WrapperNames {
    index.meaning(of: site.wrapperNames, in: file)
  }

  /// The calls of the wrapper and of its replacement in a function.
  func places(in found: Found, names: WrapperNames) -> [CallPlace] {
    let source = found.file.source
    let wanted = names.plain.union(site.replacements)
    return source.calls(of: wanted, in: found.definition.body).map { call in
      let name = source.text(call.name)
      let isReplaced = site.replacements.contains(name)
      let spelling = site.spelling(of: name, arguments: call.arguments) ?? site.spellings.first
      return CallPlace(
        found: found, call: call, isReplaced: isReplaced,
        replacement: isReplaced ? name : spelling?.replacement ?? name)
    }
  }

  private func checkNames() throws(Refusal) {
    for name in site.callees + site.replacements.sorted() + [site.baseName]
    where !name.isCIdentifier {
      throw Refusal("\(printable(name)) is not an identifier of C")
    }
  }

  /// The tree's files that the recorded file can be; nil if none was recorded.
  private func recordedFiles() throws(Refusal) -> [ParsedFile]? {
    guard let file = site.file else { return nil }
    let files = index.paths(matching: file).compactMap(index.file)
    if files.isEmpty {
      throw Refusal(
        "\(printable(file)), which calls \(site.wrapperLabel) in \(site.baseName), "
          + "is not below the source folder; it may belong to a library")
    }
    return files
  }

  private func definitions(in files: [ParsedFile]?) throws(Refusal) -> [Found] {
    let all = index.paths(mentioning: site.baseName).compactMap(index.file)
    let recorded = Set((files ?? all).map(\.path))
    let found = all.filter { recorded.contains($0.path) }.flatMap { file in
      file.definitions.filter(isWanted).map { Found(file: file, definition: $0) }
    }
    if found.isEmpty { throw undefined(mentionedIn: all) }
    return found
  }

  /// Whether this is the site's function.
  func isWanted(_ definition: FunctionDefinition) -> Bool { site.isMade(in: definition) }

  /// Whether a site with the same shortcut is in this function: then what it shares with this site's
  /// function may change.
  func isShared(_ definition: FunctionDefinition) -> Bool {
    sites.contains { $0.spellings == site.spellings && $0.isMade(in: definition) }
  }

  private func undefined(mentionedIn files: [ParsedFile]) -> Refusal {
    let mention = files.lazy.compactMap { file in
      file.source.tokens.indices.first { file.source.name($0) == site.baseName }
        .map { file.source.location(ofToken: $0) }
    }.first
    let place = mention.map { "only mentions, the first at \($0)" } ?? "no mention"
    return Refusal(
      "no definition of \(site.baseName) below the source folder, \(place); "
        + "it may belong to a library or be made by a macro")
  }

  private func onlyCall(in functions: [Found]) throws(Refusal) -> CallPlace {
    let perFunction = functions.map { places(in: $0, names: wrapperNames(in: $0.file)) }
    let calling = perFunction.filter { !$0.isEmpty }
    if calling.count > 1 {
      let labels = calling.compactMap { $0.first?.found.label }.joined(separator: ", ")
      throw Refusal(
        "\(site.baseName) is defined more than once with a call of "
          + "\(site.wrapperLabel): \(labels); the recording does not say which is meant")
    }
    guard let places = calling.first else {
      if let place = try onlyMacro(in: functions) { return place }
      throw MissingCall(resolver: self, functions: functions).refusal
    }
    return try only(places)
  }

  /// The call within the only macro that these functions use and that holds one.
  private func onlyMacro(in functions: [Found]) throws(Refusal) -> CallPlace? {
    let uses = functions.flatMap { found in
      found.uses(of: wrapperNames(in: found.file).hidden).map { (found, $0) }
    }
    guard uses.count == 1, let (found, use) = uses.first else { return nil }
    return try MacroPlace(resolver: self, found: found, use: use).place()
  }

  private func only(_ places: [CallPlace]) throws(Refusal) -> CallPlace {
    if let there = places.first(where: \.isReplaced) { return there }
    guard let place = places.first, places.count == 1 else {
      let lines = places.map { "\($0.location)" }.joined(separator: ", ")
      let why = site.line.map { "none is on the recorded line \($0)" }
      throw Refusal(
        "\(site.baseName) calls \(site.wrapperLabel) in \(places.count) places: \(lines); "
          + (why ?? "the recording names no line"))
    }
    try checkNoMacro(beside: place)
    return place
  }

  /// Without a line, a macro that calls the wrapper, too, could be meant as well.
  private func checkNoMacro(beside place: CallPlace) throws(Refusal) {
    let hidden = wrapperNames(in: place.found.file).hidden
    if let use = place.found.uses(of: hidden).first {
      throw Refusal(
        "\(site.baseName) calls \(site.wrapperLabel) at \(place.location) and through the macro "
          + "\(printable(use.macro.name)) at \(use.location); the recording does not say which is meant"
      )
    }
  }
}

extension CallSite {
  /// Whether a definition is the site's function.
  func isMade(in definition: FunctionDefinition) -> Bool {
    let wanted = qualifiedName.dropLast()
    let isQualified =
      wanted.isEmpty || definition.qualifier.isEmpty
      || zip(wanted.reversed(), definition.qualifier.reversed()).allSatisfy { $0 == $1 }
    return isQualified && definition.names.contains(baseName)
  }
}
