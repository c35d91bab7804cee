/// One file with its functions.
struct ParsedFile: Sendable {
  let source: LexedSource
  let definitions: [FunctionDefinition]

  init(path: String, bytes: [UInt8]) {
    source = LexedSource(path: path, bytes: bytes)
    definitions = source.definitions()
  }

  var path: String { source.path }

  /// Where a function's name stands.
  func location(of definition: FunctionDefinition) -> SourceLocation {
    source.location(ofToken: definition.nameToken)
  }
}

/// What a source tree says about the names asked for: every file is read once, and taken apart
/// only when somebody needs it.
final class SourceIndex {
  let tree: SourceTree
  /// Paths of the files in which each of the names occurs, sorted.
  private var mentions: [String: [String]] = [:]
  /// Contents of the files that mention a function; the others are read again if needed.
  private var kept: [String: [UInt8]] = [:]
  private var parsed: [String: ParsedFile?] = [:]
  private var wrapperNames: [String: [Set<String>: WrapperNames]] = [:]
  private lazy var pathsByName = Dictionary(grouping: tree.paths) { Self.lastPart(of: $0) }

  /// - Parameters:
  ///   - functions: names whose files will be taken apart.
  ///   - wrappers: names that only have to be found.
  init(_ tree: SourceTree, functions: Set<String>, wrappers: Set<String>) {
    self.tree = tree
    let searches = functions.union(wrappers).sorted().map { ($0, ByteSearch($0)) }
    for path in tree.paths {
      // A file that can't be read holds no call we could replace.
      guard let bytes = try? tree.bytes(of: path) else { continue }
      for (name, search) in searches where search.isIn(bytes) {
        mentions[name, default: []].append(path)
        if functions.contains(name) { kept[path] = bytes }
      }
    }
  }

  /// Files in which a name occurs, sorted; only for names given at the start.
  func paths(mentioning name: String) -> [String] { mentions[name] ?? [] }

  /// Files in which any name occurs, sorted.
  ///
  /// - Complexity: reads every file of the tree, once for each name.
  func paths(naming name: String) -> [String] {
    if let known = mentions[name] { return known }
    let search = ByteSearch(name)
    let found = tree.paths.filter { path in
      (kept[path] ?? (try? tree.bytes(of: path))).map(search.isIn) ?? false
    }
    mentions[name] = found
    return found
  }

  /// A file taken apart; nil if it can't be read.
  func file(_ path: String) -> ParsedFile? {
    if let known = parsed[path] { return known }
    let bytes = kept[path] ?? (try? tree.bytes(of: path))
    let file = bytes.map { ParsedFile(path: path, bytes: $0) }
    parsed[path] = .some(file)
    return file
  }

  /// The tree's files that a recorded path can mean: those with the most path components in
  /// common, counted from the end.
  func paths(matching recorded: String) -> [String] {
    let wanted = Self.parts(of: recorded)
    let candidates = pathsByName[wanted.last ?? ""] ?? []
    let scored = candidates.map { path in
      (path, zip(wanted.reversed(), Self.parts(of: path).reversed()).prefix { $0 == $1 }.count)
    }
    let best = scored.map(\.1).max()
    return scored.filter { $0.1 == best }.map(\.0)
  }

  /// What the names of a wrapper mean in a file and the headers it includes.
  func meaning(of names: Set<String>, in file: ParsedFile) -> WrapperNames {
    if let known = wrapperNames[file.path]?[names] { return known }
    let found = WrapperNames(names, visible: visible(from: file.path))
    wrapperNames[file.path, default: [:]][names] = found
    return found
  }

  /// A file and the tree's headers it includes, also indirectly.
  func visible(from path: String) -> [ParsedFile] {
    var files: [ParsedFile] = []
    var seen: Set = [path]
    var pending = [path]
    while let next = pending.popLast(), files.count < 2000 {
      guard let file = file(next) else { continue }
      files.append(file)
      for name in file.source.includedNames {
        pending += resolve(include: name, from: next).filter { seen.insert($0).inserted }
      }
    }
    return files
  }

  private func resolve(include name: String, from path: String) -> [String] {
    let matches = paths(matching: name)
    let beside = String(path.dropLast(Self.lastPart(of: path).count)) + name
    return matches.contains(beside) ? [beside] : matches
  }

  private static func parts(of path: String) -> [Substring] {
    path.split(separator: "/").filter { $0 != "." && $0 != ".." }
  }

  private static func lastPart(of path: String) -> Substring {
    path.split(separator: "/").last ?? ""
  }
}

extension LexedSource {
  /// Names in the file's `#include "…"` and `<…>` directives, in order.
  var includedNames: [String] {
    directives.filter { $0.kind == .include }.compactMap { includedName($0) }
  }

  /// The name in an include directive; nil where a macro stands for it.
  func includedName(_ directive: Directive) -> String? {
    let text = bytes[directive.body..<directive.range.upperBound]
      .drop { $0 == 0x20 || $0 == 0x09 }
    guard let open = text.first, [UInt8(ascii: "\""), UInt8(ascii: "<")].contains(open) else {
      return nil
    }
    let close = open == UInt8(ascii: "<") ? UInt8(ascii: ">") : open
    return String(decoding: text.dropFirst().prefix { $0 != close }, as: UTF8.self)
  }
}
