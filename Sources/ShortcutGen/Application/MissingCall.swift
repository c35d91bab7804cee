/// Says why a function that is there holds no call of the wrapper.
struct MissingCall {
  let resolver: SiteResolver
  let functions: [Found]

  private var site: CallSite { resolver.site }

  var refusal: Refusal {
    for found in functions {
      if let refusal = macroRefusal(found) { return refusal }
      if let refusal = mentionRefusal(found) { return refusal }
    }
    let labels = functions.map(\.label).joined(separator: ", ")
    let candidates = functions.flatMap { CalledFunctions(resolver: resolver, start: $0).callers() }
    return Refusal("no call of \(site.wrapperLabel) in \(labels); " + advice(candidates))
  }

  static func refusal(macro: Macro, at location: SourceLocation, site: CallSite) -> Refusal {
    Refusal(
      "\(site.baseName) calls \(site.wrapperLabel) at \(location) through the macro "
        + "\(macro.name.printable) (\(macro.location)), whose other uses a change would concern, too"
    )
  }

  private func advice(_ candidates: [CallPlace]) -> String {
    let start =
      "it may stand in a function called from there that the compiler inlined or made a "
      + "sibling call"
    if candidates.isEmpty { return start + ", but none in this tree holds the only such call" }
    let labels = candidates.map {
      "\($0.found.definition.name.printable) (\($0.location))"
    }
    return start + ": candidates " + labels.joined(separator: ", ")
  }

  private func macroRefusal(_ found: Found) -> Refusal? {
    let source = found.file.source
    let hidden = resolver.wrapperNames(in: found.file).hidden
    for token in found.definition.body {
      guard let macro = source.name(token).flatMap({ hidden[$0] }) else { continue }
      return Self.refusal(macro: macro, at: source.location(ofToken: token), site: site)
    }
    return nil
  }

  /// The wrapper's name is there, but not as a plain call.
  private func mentionRefusal(_ found: Found) -> Refusal? {
    let source = found.file.source
    let names = site.wrapperNames
    let mention = found.definition.body.first {
      source.name($0).map(names.contains) == true && !source.isMember(at: $0)
    }
    guard let mention else { return nil }
    let use = source.isSymbol("(", at: mention + 1) ? "declared" : "only mentioned"
    return Refusal(
      "no call of \(site.wrapperLabel) in \(found.label); the name is \(use) at "
        + "\(source.location(ofToken: mention)), and a call through a pointer can't be replaced")
  }
}

/// The functions that a function calls, directly, through others, or through a field of a
/// structure that the file stores them in.
struct CalledFunctions {
  /// Calls are followed this far; deeper ones explain nothing any more.
  private static let maximumDepth = 3
  private static let maximumAnswers = 4

  let resolver: SiteResolver
  let start: Found

  /// Calls of the wrapper that are the only one in a function reached from the start; nearest
  /// first, then by place.
  func callers() -> [CallPlace] {
    let functions = reachableNames()
    var answers: [CallPlace] = []
    var seen: Set = [start.definition.name]
    var level = [start]
    for _ in 0..<Self.maximumDepth {
      let names = level.reduce(into: Set<String>()) { $0.formUnion(called(by: $1)) }
      level = names.filter { seen.insert($0).inserted }.sorted().flatMap { functions[$0] ?? [] }
      answers += level.compactMap(onlyCall)
    }
    return Array(answers.prefix(Self.maximumAnswers))
  }

  /// Functions of the start's file, of headers it includes, and of the files beside it in which
  /// the wrapper's name occurs.
  private func reachableNames() -> [String: [Found]] {
    let folder =
      start.file.path.utf8.lastIndex(of: UInt8(ascii: "/"))
      .map { start.file.path[...$0] } ?? ""
    let paths = resolver.site.callees.flatMap(resolver.index.paths(mentioning:))
      .filter { $0.hasPrefix(folder) }
    let near = Set(paths).sorted().prefix(500).compactMap(resolver.index.file)
    let seen = resolver.index.visible(from: start.file.path)
    let files = Dictionary((near + seen).map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    let all = files.values.sorted { $0.path < $1.path }.flatMap { file in
      file.definitions.map { Found(file: file, definition: $0) }
    }
    return Dictionary(grouping: all) { $0.definition.name }
      .mapValues { found in
        let own = found.filter { $0.file.path == start.file.path }
        return own.isEmpty
          ? found.filter { !$0.definition.isStatic || $0.file.path.hasSuffix(".h") }
          : own
      }
  }

  private func onlyCall(_ found: Found) -> CallPlace? {
    let calls = found.file.source.calls(
      of: resolver.site.wrapperNames, in: found.definition.body)
    guard let call = calls.first, calls.count == 1 else { return nil }
    return CallPlace(found: found, call: call, isReplaced: false)
  }

  /// Names of functions called in a body: `f(…)`, and for `x->f(…)` what is stored in fields `f`.
  private func called(by found: Found) -> Set<String> {
    let source = found.file.source
    var names: Set<String> = []
    for token in found.definition.body where source.isSymbol("(", at: token + 1) {
      guard let name = source.name(token) else { continue }
      if source.isMember(at: token) {
        names.formUnion(stored(in: name, source))
      } else {
        names.insert(name)
      }
    }
    return names
  }

  /// Functions assigned to a field: `.read = tcp_read`, `c->read = tcp_read`.
  private func stored(in field: String, _ source: LexedSource) -> Set<String> {
    Set(
      source.tokens.indices.compactMap { token in
        guard source.name(token) == field, source.isMember(at: token),
          source.isSymbol("=", at: token + 1), let value = source.name(token + 2),
          !source.isSymbol("(", at: token + 3)
        else { return nil }
        return value
      })
  }
}
