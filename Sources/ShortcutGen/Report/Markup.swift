import Profiler

/// How the pieces of a report are spelled. Text from outside goes through `text`, `code` or
/// `block`, after which nothing in it is markup.
protocol Markup: Sendable {
  /// Template of the whole report, and of one shortcut in it.
  var templates: (whole: String, shortcut: String) { get }

  /// A name or piece of code within a line.
  func code(_ text: String) -> String
  /// Running text on one line.
  func text(_ text: String) -> String
  /// A table; cells are finished, numbers stand to the right.
  func table(_ head: [String], numbers: Set<Int>, _ rows: [[String]]) -> [String]
  /// Lines of code.
  func block(_ code: String, language: String) -> [String]
  /// Lines of a source with their numbers, that of the call marked.
  func source(_ lines: [Review.SourceLine]) -> [String]
}

extension Markup {
  /// Lines that nothing can leave or hide in: tabs stay, other control characters are spelled out.
  func plainLines(_ code: String) -> [String] {
    code.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false)
        .map { printable(String($0.filter { $0 != "\r" })) }.joined(separator: "\t")
    }
  }
}

/// `report.md`.
struct MarkdownMarkup: Markup {
  let templates = (whole: "report", shortcut: "report_shortcut")

  func code(_ text: String) -> String { Markdown.code(text) }
  func text(_ text: String) -> String { Markdown.text(text) }

  func table(_ head: [String], numbers: Set<Int>, _ rows: [[String]]) -> [String] {
    let rule = "|" + head.indices.map { numbers.contains($0) ? "--:|" : "---|" }.joined()
    return [row(head), rule] + rows.map(row)
  }

  private func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }

  func block(_ code: String, language: String) -> [String] {
    let lines = plainLines(code.hasSuffix("\n") ? String(code.dropLast()) : code)
    let longest = lines.flatMap { $0.split { $0 != "`" } }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return [fence + language] + lines + [fence]
  }

  func source(_ lines: [Review.SourceLine]) -> [String] {
    let width = lines.map { "\($0.number)".count }.max() ?? 0
    return block(
      lines.map { line in
        let number = "\(line.number)"
        let fill = String(repeating: " ", count: width - number.count)
        return "\(line.isCall ? ">" : " ") \(fill)\(number)  \(line.text)"
      }.joined(separator: "\n"), language: "")
  }
}

/// `report.html`.
struct HTMLMarkup: Markup {
  let templates = (whole: "page", shortcut: "page_shortcut")

  func text(_ text: String) -> String { Self.escaped(printable(text)) }
  func code(_ text: String) -> String { "<code>\(self.text(text))</code>" }

  /// Text as content or as the value of an attribute.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  func table(_ head: [String], numbers: Set<Int>, _ rows: [[String]]) -> [String] {
    ["<div class=\"wide\"><table>", "<thead>\(row(head, "th", numbers))</thead>", "<tbody>"]
      + rows.map { row($0, "td", numbers) } + ["</tbody>", "</table></div>"]
  }

  private func row(_ cells: [String], _ tag: String, _ numbers: Set<Int>) -> String {
    let parts = cells.enumerated().map { index, cell in
      let kind = numbers.contains(index) ? " class=\"number\"" : Self.words[cell] ?? ""
      return "<\(tag)\(kind)>\(cell)</\(tag)>"
    }
    return "<tr>\(parts.joined())</tr>"
  }

  /// Cells that are one of the report's own words get its colour.
  private static let words = Dictionary(
    uniqueKeysWithValues: [
      "shortcut", "mixed", "small", "unsupported", "kept", "dropped", "impossible", "unknown",
    ].map { ($0, " class=\"word \($0)\"") })

  func block(_ code: String, language: String) -> [String] {
    let lines = plainLines(code.hasSuffix("\n") ? String(code.dropLast()) : code)
    let spelled = lines.map { line in
      let kind = language == "diff" ? Self.change(line) : nil
      let text = Self.escaped(line)
      return kind.map { "<span class=\"\($0)\">\(text)</span>" } ?? text
    }
    return ["<pre>\(spelled.joined(separator: "\n"))</pre>"]
  }

  private static func change(_ line: String) -> String? {
    if line.hasPrefix("+++") || line.hasPrefix("---") || line.hasPrefix("diff ") { return "file" }
    if line.hasPrefix("@@") { return "hunk" }
    return line.hasPrefix("+") ? "added" : line.hasPrefix("-") ? "removed" : nil
  }

  func source(_ lines: [Review.SourceLine]) -> [String] {
    let width = lines.map { "\($0.number)".count }.max() ?? 0
    let spelled = lines.map { line in
      let number = "\(line.number)"
      let fill = String(repeating: " ", count: width - number.count)
      let text = Self.escaped(plainLines(line.text).joined(separator: " "))
      let whole = "<span class=\"line\">\(fill)\(number)</span>  \(text)"
      return line.isCall ? "<mark>\(whole)</mark>" : whole
    }
    return ["<pre>\(spelled.joined(separator: "\n"))</pre>"]
  }
}
