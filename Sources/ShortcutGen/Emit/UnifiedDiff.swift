/// The change of one text file in the form that `patch` and `git apply` read.
///
/// Lines are compared as bytes-for-bytes text, line ends included, so CRLF files and files without
/// a newline at their end survive.
public struct UnifiedDiff: Sendable {
  /// Path below the root of the tree, `/` as separator.
  public let path: String
  /// The text before; `nil` where the file is new.
  public let old: String?
  /// The text after.
  public let new: String
  /// Number of unchanged lines shown around a change.
  public var context = 3

  /// Describes a change, or with `old` nil a new file.
  public init(path: String, old: String?, new: String) {
    self.path = path
    self.old = old
    self.new = new
  }

  /// The diff with git's header; empty when nothing changes.
  public var text: String {
    guard old != new else { return "" }
    let before = old.map(UnifiedDiff.lines(of:)) ?? []
    let after = UnifiedDiff.lines(of: new)
    let edits = UnifiedDiff.script(from: before, to: after)
    var out = "diff --git a/\(path) b/\(path)\n"
    if old == nil { out += "new file mode 100644\n" }
    out += "--- \(old == nil ? "/dev/null" : "a/\(path)")\n+++ b/\(path)\n"
    for hunk in UnifiedDiff.hunks(edits, context: context) { out += UnifiedDiff.render(hunk) }
    return out
  }

  private enum Kind: Character { case same = " ", removed = "-", added = "+" }

  private struct Edit {
    let kind: Kind
    let line: Substring
    /// 1-based line numbers in both texts, of the line or of where it would stand.
    let oldLine: Int, newLine: Int
  }

  /// Splits after each newline; every line keeps its own end.
  private static func lines(of text: String) -> [Substring] {
    var lines: [Substring] = []
    var start = text.utf8.startIndex
    while start < text.utf8.endIndex {
      let end =
        text.utf8[start...].firstIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) }
        ?? text.utf8.endIndex
      lines.append(text[start..<end])
      start = end
    }
    return lines
  }

  private static func script(from old: [Substring], to new: [Substring]) -> [Edit] {
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var edits: [Edit] = []
    var (o, n) = (0, 0)
    while o < old.count || n < new.count {
      if o < old.count, removed.contains(o) {
        edits.append(Edit(kind: .removed, line: old[o], oldLine: o + 1, newLine: n + 1))
        o += 1
      } else if n < new.count, inserted.contains(n) {
        edits.append(Edit(kind: .added, line: new[n], oldLine: o + 1, newLine: n + 1))
        n += 1
      } else {
        edits.append(Edit(kind: .same, line: old[o], oldLine: o + 1, newLine: n + 1))
        o += 1
        n += 1
      }
    }
    return edits
  }

  private static func hunks(_ edits: [Edit], context: Int) -> [ArraySlice<Edit>] {
    var ranges: [Range<Int>] = []
    for index in edits.indices where edits[index].kind != .same {
      let range = max(0, index - context)..<min(edits.count, index + context + 1)
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges.map { edits[$0] }
  }

  private static func render(_ hunk: ArraySlice<Edit>) -> String {
    let oldCount = hunk.count { $0.kind != .added }
    let newCount = hunk.count { $0.kind != .removed }
    guard let first = hunk.first else { return "" }
    let oldStart = oldCount == 0 ? first.oldLine - 1 : first.oldLine
    let newStart = newCount == 0 ? first.newLine - 1 : first.newLine
    var out = "@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@\n"
    for edit in hunk {
      out += "\(edit.kind.rawValue)\(edit.line)"
      if edit.line.utf8.last != UInt8(ascii: "\n") { out += "\n\\ No newline at end of file\n" }
    }
    return out
  }
}
