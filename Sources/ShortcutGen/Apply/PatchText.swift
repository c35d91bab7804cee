import Profiler

/// One or more patches behind each other, with their hunks, to say which of them doesn't fit.
struct PatchText: Sendable {
  /// One hunk of one file.
  struct Hunk: Sendable {
    /// Path of the file after `b/`, as git writes it.
    let path: String
    /// The line that begins with `@@`.
    let header: String
    /// First line that it replaces, from 1.
    let start: Int
    /// Place among the file's hunks, from 1.
    var number: Int
    /// The lines that have to be there.
    var old: [TextLine] = []
  }

  private(set) var bytes: [UInt8] = []
  private(set) var hunks: [Hunk] = []

  init(_ patches: [[UInt8]]) {
    for patch in patches where !patch.isEmpty {
      bytes += patch
      if patch.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    }
    readHunks()
  }

  /// The hunk that git names by its file and first line.
  func hunk(of path: String, at line: Int) -> Hunk? {
    hunks.first { $0.path == GitPath.quoted("b/" + path) && $0.start == line }
  }

  /// Number of hunks of a file.
  func count(of path: String) -> Int { hunks.count { $0.path == GitPath.quoted("b/" + path) } }

  private mutating func readHunks() {
    var (path, number) = ("", 0)
    var (oldLeft, newLeft) = (0, 0)
    for line in TextLine.split(bytes) {
      let first = line.bytes.first
      if oldLeft > 0 || newLeft > 0 {
        if first == UInt8(ascii: "\\") { continue }
        if first != UInt8(ascii: "+") {
          oldLeft -= 1
          hunks[hunks.count - 1].old.append(TextLine(bytes: line.bytes.dropFirst()))
        }
        if first != UInt8(ascii: "-") { newLeft -= 1 }
      } else if line.bytes.starts(with: "+++ ".utf8) {
        path = Self.text(line.bytes.dropFirst(4))
        number = 0
      } else if let range = Self.range(line) {
        number += 1
        hunks.append(
          Hunk(path: path, header: range.header, start: range.start, number: number))
        (oldLeft, newLeft) = (range.old, range.new)
      }
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0x0a && $0 != 0x09 && $0 != 0x0d }, as: UTF8.self)
  }

  /// Takes `@@ -66,3 +66,4 @@` apart; a count left out is 1.
  private static func range(
    _ line: TextLine
  ) -> (header: String, start: Int, old: Int, new: Int)? {
    let words = text(line.bytes).split(separator: " ")
    guard words.count >= 4, words[0] == "@@", words[3] == "@@", words[1].first == "-",
      words[2].first == "+"
    else { return nil }
    func numbers(_ word: Substring) -> [Int] {
      word.dropFirst().split(separator: ",").compactMap { Int($0) }
    }
    let (old, new) = (numbers(words[1]), numbers(words[2]))
    guard let start = old.first, !new.isEmpty else { return nil }
    return (
      words[..<4].joined(separator: " "), start, max(0, old.count > 1 ? old[1] : 1),
      max(0, new.count > 1 ? new[1] : 1)
    )
  }
}

extension PatchText.Hunk {
  /// Why it doesn't fit into a file of these bytes, as a clause.
  func misfit(in file: [UInt8]) -> String {
    let lines = Set(TextLine.split(file))
    guard let missing = old.first(where: { !lines.contains($0) && !$0.isBlank }) else {
      return "its lines are there, but not behind each other"
    }
    let text = String(decoding: missing.bytes.prefix(120), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return "the file has no line '\(printable(text))'"
  }
}

extension TextLine {
  fileprivate var isBlank: Bool { bytes.allSatisfy { $0 == 0x0a || CharacterClass.isBlank($0) } }
}
