/// Paths as git writes them into a diff.
enum GitPath {
  /// The path itself, or in double quotes with C escapes where it holds a control character, a
  /// quote, a backslash or a byte outside ASCII.
  static func quoted(_ path: String) -> String {
    guard path.utf8.contains(where: needsEscape) else { return path }
    return "\"" + path.utf8.map(escaped).joined() + "\""
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\""): return "\\\""
    case UInt8(ascii: "\\"): return "\\\\"
    case UInt8(ascii: "\n"): return "\\n"
    case UInt8(ascii: "\t"): return "\\t"
    case UInt8(ascii: "\r"): return "\\r"
    case _ where needsEscape(byte):
      let octal = String(byte, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - octal.count) + octal
    default: return String(UnicodeScalar(byte))
    }
  }
}
