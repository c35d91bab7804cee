/// What a byte can be in C source text.
enum CharacterClass {
  /// Letters, `_`, `$` and every byte of a non-ASCII character.
  static func isIdentifierStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      return true
    default: return false
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  static func isIdentifierPart(_ byte: UInt8) -> Bool {
    isIdentifierStart(byte) || isDigit(byte)
  }

  /// White space that doesn't end a line.
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0b || byte == 0x0c || byte == 0x0d
  }
}

extension String {
  /// Whether this is a plain ASCII identifier of C: nothing else may reach a source file.
  var isCIdentifier: Bool {
    guard let first = utf8.first, first < 0x80, CharacterClass.isIdentifierStart(first) else {
      return false
    }
    return utf8.allSatisfy {
      $0 < 0x80 && $0 != UInt8(ascii: "$") && CharacterClass.isIdentifierPart($0)
    }
  }
}
