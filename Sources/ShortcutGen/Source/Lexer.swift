/// Splits C and C++ text into tokens and preprocessor directives.
///
/// It understands comments, literals (raw strings too), line continuations and conditionals.
/// Branches that can't be compiled (`#if 0`, the `#else` of `#if 1`) yield no tokens; every other
/// branch does, because the configuration isn't known. Broken text never fails: an unterminated
/// literal ends with its line, an unterminated comment with the file. Trigraphs and digraphs are
/// not translated.
struct Lexer {
  let bytes: [UInt8]
  var offset = 0
  var tokens: [Token] = []
  var directives: [Directive] = []
  /// True until the first token of a line; only there a `#` begins a directive.
  private var isLineStart = true
  private var conditionals = ConditionalStack()

  /// Lexes the whole file, or with `range` a part of it such as a macro's body.
  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    self.limit = range?.upperBound ?? bytes.count
    self.offset = range?.lowerBound ?? (bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0)
    self.isLineStart = range == nil
    while offset < limit { step() }
  }

  let limit: Int

  /// The byte `distance` behind the current one; 0 past the end.
  func peek(_ distance: Int = 0) -> UInt8 {
    offset + distance < limit ? bytes[offset + distance] : 0
  }

  private mutating func step() {
    let byte = peek()
    if byte == UInt8(ascii: "\n") {
      offset += 1
      isLineStart = true
    } else if !skipBlankOrComment() {
      if byte == UInt8(ascii: "#"), isLineStart {
        directive()
      } else {
        isLineStart = false
        token(byte)
      }
    }
  }

  private mutating func token(_ byte: UInt8) {
    let start = offset
    let kind: Token.Kind
    if let length = rawStringPrefix() {
      kind = .string
      skipRawString(prefix: length)
    } else if let length = quotePrefix() {
      kind = bytes[offset + length] == UInt8(ascii: "\"") ? .string : .character
      offset += length
      skipQuoted()
    } else if CharacterClass.isIdentifierStart(byte) {
      kind = .identifier
      skipIdentifier()
    } else if CharacterClass.isDigit(byte)
      || (byte == UInt8(ascii: ".") && CharacterClass.isDigit(peek(1)))
    {
      kind = .number
      skipNumber()
    } else {
      kind = symbol(byte)
    }
    append(kind, from: start)
  }

  private mutating func symbol(_ byte: UInt8) -> Token.Kind {
    let kind: Token.Kind =
      switch (byte, peek(1)) {
      case (UInt8(ascii: "-"), UInt8(ascii: ">")): .arrow
      case (UInt8(ascii: ":"), UInt8(ascii: ":")): .scope
      default: .symbol
      }
    offset += kind == .symbol ? 1 : 2
    return kind
  }

  private mutating func append(_ kind: Token.Kind, from start: Int) {
    guard !conditionals.isDead else { return }
    tokens.append(Token(kind: kind, start: Int32(start), end: Int32(offset)))
  }

  /// Reads a directive up to the end of its logical line.
  private mutating func directive() {
    let start = offset
    offset += 1
    while offset < limit, peek() != UInt8(ascii: "\n"), skipBlankOrComment() {}
    let nameStart = offset
    skipIdentifier()
    let name = String(decoding: bytes[nameStart..<offset], as: UTF8.self)
    let body = offset
    skipLogicalLine()
    let wasDead = conditionals.isDead
    let depth = conditionals.depth
    let kind = conditionals.enter(name, condition: condition(in: body..<offset))
    guard !wasDead || [.open, .alternative, .close].contains(kind) else { return }
    directives.append(
      Directive(
        kind: kind, name: name, range: start..<offset, body: body, tokenIndex: tokens.count,
        depth: kind == .alternative || kind == .close ? max(0, depth - 1) : depth,
        beginsDeadBranch: conditionals.isDead))
  }

  private mutating func skipLogicalLine() {
    while offset < limit, peek() != UInt8(ascii: "\n") {
      if skipBlankOrComment() { continue }
      if peek() == UInt8(ascii: "\"") || peek() == UInt8(ascii: "'") {
        skipQuoted()
      } else {
        offset += 1
      }
    }
  }

  /// The condition when it is the constant 0 or 1, else nil.
  private func condition(in range: Range<Int>) -> Bool? {
    let text = bytes[range].prefix { $0 != UInt8(ascii: "/") }
      .filter { !CharacterClass.isBlank($0) }
    return text == [UInt8(ascii: "0")] ? false : text == [UInt8(ascii: "1")] ? true : nil
  }
}
