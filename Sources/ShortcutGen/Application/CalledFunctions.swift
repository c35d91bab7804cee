/// The functions that a function calls, directly, through others, or through a field of a
/// structure that somebody stores them in.
struct CalledFunctions {
  /// Calls are followed this far; deeper ones explain nothing any more.
  private static let maximumDepth = 3
  private static let maximumAnswers = 4

  /// A name together with the file in which it means something.
  private struct Name: Hashable {
    let text: String
    let path: String
  }

  private let resolver: SiteResolver
  private let start: Found
  private let functions: [String: [Found]]
  /// Functions stored in fields of this name: `.read = tcp_read`, `c->read = tcp_read`.
  private let fields: [String: [Name]]

  init(resolver: SiteResolver, start: Found) {
    let files = CalledFunctions.files(near: start, resolver: resolver)
    let all = files.flatMap { file in
      file.definitions.map { Found(file: file, definition: $0) }
    }
    self.resolver = resolver
    self.start = start
    functions = Dictionary(grouping: all) { $0.definition.name }
    fields = files.reduce(into: [:]) { fields, file in
      for (field, function) in file.source.storedFunctions {
        fields[field, default: []].append(Name(text: function, path: file.path))
      }
    }
  }

  /// Calls of the wrapper that are the only one in a function reached from the start; nearest
  /// first, then by name.
  func callers() -> [CallPlace] {
    var answers: [CallPlace] = []
    var seen = [start.location]
    var level = [start]
    for _ in 0..<Self.maximumDepth {
      let names = level.reduce(into: Set<Name>()) { $0.formUnion(called(by: $1)) }
      level = names.sorted { ($0.text, $0.path) < ($1.text, $1.path) }.flatMap(definitions)
        .filter { !seen.contains($0.location) }
      seen += level.map(\.location)
      answers += level.compactMap(onlyCall)
    }
    return Array(answers.uniqued(by: \.location).prefix(Self.maximumAnswers))
  }

  /// The start's file, the headers it includes, and the files below its folder in which the
  /// wrapper's name occurs; by path.
  private static func files(near start: Found, resolver: SiteResolver) -> [ParsedFile] {
    let folder =
      start.file.path.utf8.lastIndex(of: UInt8(ascii: "/"))
      .map { start.file.path[...$0] } ?? ""
    let paths = resolver.site.callees.flatMap(resolver.index.paths(mentioning:))
      .filter { $0.hasPrefix(folder) }
    let near = Set(paths).sorted().prefix(500).compactMap(resolver.index.file)
    return (near + resolver.index.visible(from: start.file.path)).uniqued(by: \.path)
      .sorted { $0.path < $1.path }
  }

  /// A function of the same file, or else those that other files can call.
  private func definitions(of name: Name) -> [Found] {
    let all = functions[name.text] ?? []
    let own = all.filter { $0.file.path == name.path }
    return own.isEmpty
      ? all.filter { !$0.definition.isStatic || $0.file.path.hasSuffix(".h") } : own
  }

  private func onlyCall(_ found: Found) -> CallPlace? {
    let calls = found.file.source.calls(
      of: resolver.site.wrapperNames, in: found.definition.body)
    guard let call = calls.first, calls.count == 1 else { return nil }
    return CallPlace(found: found, call: call, isReplaced: false, replacement: "")
  }

  /// What a body calls: `f(…)`, and for `x->f(…)` what its file stores in fields `f`, or else what
  /// any file does.
  private func called(by found: Found) -> Set<Name> {
    let source = found.file.source
    var names: Set<Name> = []
    for token in found.definition.body where source.isSymbol("(", at: token + 1) {
      guard let name = source.name(token) else { continue }
      if source.isMember(at: token) {
        let stored = fields[name] ?? []
        let own = stored.filter { $0.path == found.file.path }
        names.formUnion(own.isEmpty ? stored : own)
      } else {
        names.insert(Name(text: name, path: found.file.path))
      }
    }
    return names
  }
}

extension LexedSource {
  /// Every `.field = name` and `->field = name`, calls left out.
  fileprivate var storedFunctions: [(field: String, function: String)] {
    tokens.indices.compactMap { token in
      guard isSymbol("=", at: token), isMember(at: token - 1), let field = name(token - 1),
        let function = name(token + 1), !isSymbol("(", at: token + 2)
      else { return nil }
      return (field, function)
    }
  }
}

extension Sequence {
  /// The first element for each key, in order.
  fileprivate func uniqued<Key: Hashable>(by key: (Element) -> Key) -> [Element] {
    var seen: Set<Key> = []
    return filter { seen.insert(key($0)).inserted }
  }
}
