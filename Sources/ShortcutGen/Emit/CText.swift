/// Names and free text on their way into C: what may pass, and how.
enum CText {
  /// Keywords of C and C++ that a name from outside must not be.
  private static let keywords: Set<String> = [
    "auto", "bool", "break", "case", "catch", "char", "class", "const", "continue", "default",
    "delete", "do", "double", "else", "enum", "extern", "float", "for", "friend", "goto", "if",
    "inline", "int", "long", "namespace", "new", "operator", "private", "protected", "public",
    "register", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch",
    "template", "this", "throw", "try", "typedef", "union", "unsigned", "using", "virtual", "void",
    "volatile", "while",
  ]

  /// Passes `name` on if it can stand in C code as a name.
  static func identifier(_ name: String, role: String) throws(EmitError) -> String {
    guard isIdentifier(name), !keywords.contains(name) else {
      throw .notAnIdentifier(name, role: role)
    }
    return name
  }

  /// Whether `name` is an ASCII C identifier of sane length.
  static func isIdentifier(_ name: String) -> Bool {
    name.utf8.count <= 128 && name.isCIdentifier
  }

  /// Free text (symbol names with suffixes, event names, paths) made harmless for a comment:
  /// printable ASCII on one line that can't end the comment or open another.
  static func comment(_ text: String, limit: Int = 300) -> String {
    var out: [UInt8] = []
    for byte in text.utf8.prefix(limit) {
      let safe = byte >= 0x20 && byte < 0x7f ? byte : UInt8(ascii: "?")
      if let last = out.last, endsOrOpensComment(last, safe) { out.append(UInt8(ascii: " ")) }
      out.append(safe)
    }
    return String(decoding: out, as: UTF8.self) + (text.utf8.count > limit ? "..." : "")
  }

  /// Free text broken into lines of at most `width` characters, each made harmless by `comment`.
  static func wrapped(
    _ text: String, limit: Int = 300, width: Int = 70, indent: String = "  "
  ) -> [String] {
    var lines: [String] = []
    for word in comment(text, limit: limit).split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(lines.isEmpty ? String(word) : indent + word)
      }
    }
    return lines
  }

  private static func endsOrOpensComment(_ last: UInt8, _ next: UInt8) -> Bool {
    let (star, slash) = (UInt8(ascii: "*"), UInt8(ascii: "/"))
    return (last == star && next == slash) || (last == slash && (next == star || next == slash))
  }
}
