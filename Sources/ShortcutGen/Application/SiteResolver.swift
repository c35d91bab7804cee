/// A function of the tree together with its file.
struct Found {
  let file: ParsedFile
  let definition: FunctionDefinition

  var location: SourceLocation { file.location(of: definition) }

  /// `name (file:line)`.
  var label: String { "\(definition.name.printable) (\(location))" }
}

/// A call's callee, to be replaced or replaced already.
struct CallPlace {
  let found: Found
  let call: Call
  let isReplaced: Bool

  /// The callee's bytes in its file.
  var range: Range<Int> { found.file.source.tokens[call.name].range }
  var location: SourceLocation { found.file.source.location(ofToken: call.name) }
}

/// Finds the one call that a site means, or says why there is none.
struct SiteResolver {
  let site: CallSite
  let index: SourceIndex

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
    return source.calls(of: names.plain.union([site.replacement]), in: found.definition.body).map {
      CallPlace(found: found, call: $0, isReplaced: source.text($0.name) == site.replacement)
    }
  }

  private func checkNames() throws(Refusal) {
    for name in site.callees + [site.replacement, site.baseName] where !name.isCIdentifier {
      throw Refusal("\(name.printable) is not an identifier of C")
    }
  }

  /// The tree's files that the recorded file can be; nil if none was recorded.
  private func recordedFiles() throws(Refusal) -> [ParsedFile]? {
    guard let file = site.file else { return nil }
    let files = index.paths(matching: file).compactMap(index.file)
    if files.isEmpty {
      throw Refusal(
        "\(file.printable), which calls \(site.wrapperLabel) in \(site.baseName), "
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

  func isWanted(_ definition: FunctionDefinition) -> Bool {
    let wanted = site.qualifiedName.dropLast()
    let isQualified =
      wanted.isEmpty || definition.qualifier.isEmpty
      || zip(wanted.reversed(), definition.qualifier.reversed()).allSatisfy { $0 == $1 }
    return isQualified && definition.names.contains(site.baseName)
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
      throw MissingCall(resolver: self, functions: functions).refusal
    }
    return try only(places)
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
    let (found, source) = (place.found, place.found.file.source)
    let hidden = wrapperNames(in: found.file).hidden
    for token in found.definition.body {
      guard let macro = source.name(token).flatMap({ hidden[$0] }) else { continue }
      throw Refusal(
        "\(site.baseName) calls \(site.wrapperLabel) at \(place.location) and through the macro "
          + "\(macro.name.printable) at \(source.location(ofToken: token)); the recording does not "
          + "say which is meant")
    }
  }
}
