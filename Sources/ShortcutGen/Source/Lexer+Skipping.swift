extension Lexer {
  /// Length of a backslash-newline at the current byte, 0 if there is none.
  private func splice(at distance: Int = 0) -> Int {
    guard peek(distance) == UInt8(ascii: "\\") else { return 0 }
    if peek(distance + 1) == UInt8(ascii: "\n") { return 2 }
    let isCRLF = peek(distance + 1) == 0x0d && peek(distance + 2) == UInt8(ascii: "\n")
    return isCRLF ? 3 : 0
  }

  /// Skips one blank, continuation or comment; false if there is none here.
  mutating func skipBlankOrComment() -> Bool {
    if CharacterClass.isBlank(peek()) {
      offset += 1
      return true
    }
    let length = splice()
    if length > 0 {
      offset += length
      return true
    }
    guard peek() == UInt8(ascii: "/") else { return false }
    switch peek(1) {
    case UInt8(ascii: "/"): skipLineComment()
    case UInt8(ascii: "*"): skipBlockComment()
    default: return false
    }
    return true
  }

  private mutating func skipLineComment() {
    while offset < limit, peek() != UInt8(ascii: "\n") { offset += max(1, splice()) }
  }

  private mutating func skipBlockComment() {
    offset += 2
    while offset < limit, !(peek() == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) {
      offset += 1
    }
    offset = min(limit, offset + 2)
  }

  mutating func skipIdentifier() {
    while offset < limit {
      let spliced = splice()
      if spliced > 0, CharacterClass.isIdentifierPart(peek(spliced)) {
        offset += spliced
      } else if !CharacterClass.isIdentifierPart(peek()) {
        return
      }
      offset += 1
    }
  }

  /// A preprocessing number: digits, letters, dots, digit separators and signs of exponents.
  mutating func skipNumber() {
    while offset < limit {
      let byte = peek()
      let isExponent = byte | 0x20 == UInt8(ascii: "e") || byte | 0x20 == UInt8(ascii: "p")
      if isExponent, peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") {
        offset += 2
      } else if CharacterClass.isIdentifierPart(byte) || byte == UInt8(ascii: ".") {
        offset += 1
      } else if byte == UInt8(ascii: "'"), CharacterClass.isIdentifierPart(peek(1)) {
        offset += 2
      } else {
        return
      }
    }
  }

  /// Length of an encoding prefix before a quote; nil if there is no quote.
  func quotePrefix() -> Int? {
    func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
    let length = encodingPrefix()
    return isQuote(peek(length)) ? length : nil
  }

  /// Length of `L`, `u`, `U` or `u8`, which may begin a literal; 0 for anything else.
  private func encodingPrefix() -> Int {
    switch peek() {
    case UInt8(ascii: "L"), UInt8(ascii: "U"): 1
    case UInt8(ascii: "u"): peek(1) == UInt8(ascii: "8") ? 2 : 1
    default: 0
    }
  }

  /// Skips a literal from its opening quote; it ends at the latest with its line.
  mutating func skipQuoted() {
    let quote = peek()
    offset += 1
    while offset < limit, peek() != UInt8(ascii: "\n") {
      if peek() == UInt8(ascii: "\\") {
        offset += max(splice(), 2)
      } else {
        offset += 1
        if bytes[offset - 1] == quote { break }
      }
    }
    offset = min(offset, limit)
  }

  /// Length of `R"delimiter(` with its encoding prefix; nil if no raw string begins here.
  func rawStringPrefix() -> Int? {
    var length = encodingPrefix()
    guard peek(length) == UInt8(ascii: "R"), peek(length + 1) == UInt8(ascii: "\"") else {
      return nil
    }
    length += 2
    let delimiter = length
    while length - delimiter <= 16, offset + length < limit {
      let byte = peek(length)
      if byte == UInt8(ascii: "(") { return length + 1 }
      if byte <= 0x20 || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "\\") { return nil }
      length += 1
    }
    return nil
  }

  /// Skips a raw string whose opening, up to its parenthesis, is `prefix` bytes long.
  mutating func skipRawString(prefix: Int) {
    let opening = bytes[offset..<(offset + prefix)]
    let quote = opening.firstIndex(of: UInt8(ascii: "\"")) ?? opening.startIndex
    let closing = [UInt8(ascii: ")")] + opening[(quote + 1)...].dropLast() + [UInt8(ascii: "\"")]
    offset += prefix
    while offset < limit, !bytes[offset..<limit].starts(with: closing) { offset += 1 }
    offset = min(limit, offset + closing.count)
  }
}
