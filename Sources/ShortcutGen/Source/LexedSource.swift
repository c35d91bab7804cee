import Profiler

/// A place in a source file, as a compiler names it.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// Path below the root of the source tree.
  public let file: String
  /// Line, from 1.
  public let line: Int
  /// Column in bytes, from 1.
  public let column: Int

  /// `file:line`, fit for a message.
  public var description: String { "\(printable(file)):\(line)" }
}

/// One file of the tree, taken apart.
struct LexedSource: Sendable {
  let path: String
  let bytes: [UInt8]
  let tokens: [Token]
  let directives: [Directive]
  private let lineStarts: [Int]

  init(path: String, bytes: [UInt8]) {
    let lexer = Lexer(bytes)
    self.path = path
    self.bytes = bytes
    tokens = lexer.tokens
    directives = lexer.directives
    lineStarts = [0] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
  }

  /// Whether the language is C++ for certain; a `.h` counts as C.
  var isCPlusPlus: Bool {
    [".cc", ".cpp", ".cxx", ".hpp"].contains { path.hasSuffix($0) }
  }

  /// Whether other files include this one.
  var isHeader: Bool { path.hasSuffix(".h") || path.hasSuffix(".hpp") }

  /// The text of a token, continuations taken out.
  func text(_ index: Int) -> String {
    let text = bytes[tokens[index].range]
    guard text.contains(UInt8(ascii: "\n")) else { return String(decoding: text, as: UTF8.self) }
    return String(decoding: text.filter { !"\\\r\n".utf8.contains($0) }, as: UTF8.self)
  }

  /// The name at an index, nil if no identifier stands there.
  func name(_ index: Int) -> String? {
    guard tokens.indices.contains(index), tokens[index].kind == .identifier else { return nil }
    return text(index)
  }

  /// Whether the token at an index is this operator or bracket; false outside the file.
  func isSymbol(_ symbol: Unicode.Scalar, at index: Int) -> Bool {
    guard tokens.indices.contains(index), tokens[index].kind == .symbol else { return false }
    return UInt32(bytes[Int(tokens[index].start)]) == symbol.value
  }

  func isKind(_ kind: Token.Kind, at index: Int) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == kind
  }

  /// The index of the bracket that closes the one at `open`, nil if it isn't below `limit`.
  func closing(_ open: Int, below limit: Int) -> Int? {
    var depth = 0
    for index in open..<limit where tokens[index].kind == .symbol {
      switch bytes[Int(tokens[index].start)] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return index }
      default: break
      }
    }
    return nil
  }

  /// Line from 1 of a byte.
  func line(of offset: Int) -> Int { lineIndex(of: offset) + 1 }

  /// Where a byte stands.
  func location(of offset: Int) -> SourceLocation {
    let index = lineIndex(of: offset)
    return SourceLocation(file: path, line: index + 1, column: offset - lineStarts[index] + 1)
  }

  /// Where a token stands.
  func location(ofToken index: Int) -> SourceLocation {
    location(of: Int(tokens[index].start))
  }

  private func lineIndex(of offset: Int) -> Int {
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}
