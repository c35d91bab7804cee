/// The change of one file in the form that `patch -p1` and `git apply` read.
///
/// Lines are compared and printed as bytes, line ends included, so CRLF, a missing newline at the
/// end and text that isn't UTF-8 survive. Two lines are equal when their bytes are.
public struct UnifiedDiff: Sendable {
  /// Path below the root of the tree, `/` as separator.
  public let path: String
  /// The file before; `nil` where the file is new.
  public let old: [UInt8]?
  /// The file after.
  public let new: [UInt8]
  /// Number of unchanged lines shown around a change.
  public var context = 3
  /// Whether a hunk's header repeats the last line above it that starts a declaration, as git's
  /// own diffs do.
  public var showsFunction = false

  /// Describes a change, or with `old` nil a new file.
  public init(path: String, old: [UInt8]?, new: [UInt8]) {
    self.path = path
    self.old = old
    self.new = new
  }

  /// Describes a change of a text, or with `old` nil a new one.
  public init(path: String, old: String?, new: String) {
    self.init(path: path, old: old.map { Array($0.utf8) }, new: Array(new.utf8))
  }

  /// The diff with git's header; empty when nothing changes. This is what goes into a patch.
  public var bytes: [UInt8] {
    guard old != new else { return [] }
    let before = TextLine.split(old ?? [])
    let hunks = LineEdit.script(from: before, to: TextLine.split(new)).hunks(context: context)
    var out = Array(header(hasHunks: !hunks.isEmpty).utf8)
    for hunk in hunks { render(hunk, before: before, into: &out) }
    return out
  }

  /// The diff as text; bytes that aren't UTF-8 show as U+FFFD, so write `bytes` into a patch.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// - Parameter hasHunks: false for a new empty file, which git describes by its mode alone.
  private func header(hasHunks: Bool) -> String {
    let (a, b) = (GitPath.quoted("a/" + path), GitPath.quoted("b/" + path))
    var out = "diff --git \(a) \(b)\n"
    if old == nil { out += "new file mode 100644\n" }
    guard hasHunks else { return out }
    // GNU patch ends an unquoted name at white space; a tab behind it is what git writes, too.
    let tab = path.utf8.contains(UInt8(ascii: " ")) ? "\t" : ""
    out += "--- \(old == nil ? "/dev/null" : a + tab)\n+++ \(b)\(tab)\n"
    return out
  }

  private func render(
    _ hunk: ArraySlice<LineEdit>, before: [TextLine], into out: inout [UInt8]
  ) {
    guard let first = hunk.first else { return }
    let oldCount = hunk.count { $0.kind != .added }
    let newCount = hunk.count { $0.kind != .removed }
    let oldStart = oldCount == 0 ? first.oldIndex : first.oldIndex + 1
    let newStart = newCount == 0 ? first.newIndex : first.newIndex + 1
    out += "@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@".utf8
    if showsFunction { out += heading(above: first.oldIndex, in: before) }
    out.append(UInt8(ascii: "\n"))
    for edit in hunk {
      out.append(edit.kind.rawValue)
      out += edit.line.bytes
      if !edit.line.isTerminated { out += "\n\\ No newline at end of file\n".utf8 }
    }
  }

  /// git's rule: the last line above that starts with a letter, `_` or `$`, cut at 80 bytes.
  private func heading(above index: Int, in lines: [TextLine]) -> [UInt8] {
    guard let line = lines[..<index].last(where: { $0.bytes.first.map(isNameStart) == true })
    else { return [] }
    var text = line.bytes.prefix(80)
    while let last = text.last, last <= 0x20 || last >= 0x80 { text.removeLast() }
    return [UInt8(ascii: " ")] + text
  }

  private func isNameStart(_ byte: UInt8) -> Bool {
    byte < 0x80 && CharacterClass.isIdentifierStart(byte)
  }
}
