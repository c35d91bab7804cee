import Profiler

/// Text from outside on its way into Markdown.
enum Markdown {
  /// A code span that shows `text` as it is, also inside a table: nothing in it can end the span.
  static func code(_ text: String) -> String {
    let line = printable(text).replacing("|", with: "¦")
    let longest = line.split(omittingEmptySubsequences: true) { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: longest + 1)
    let pad = line.hasPrefix("`") || line.hasSuffix("`") ? " " : ""
    return "\(fence)\(pad)\(line)\(pad)\(fence)"
  }

  /// Running text on one line: what could begin markup is escaped.
  static func text(_ text: String) -> String {
    String(
      printable(text).flatMap { character -> [Character] in
        "\\`*<>[]|&".contains(character) ? ["\\", character] : [character]
      })
  }
}
