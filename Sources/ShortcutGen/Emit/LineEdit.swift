/// One line of a file with its line end, compared by bytes.
struct TextLine: Hashable, Sendable {
  let bytes: ArraySlice<UInt8>

  /// False for a last line without newline.
  var isTerminated: Bool { bytes.last == UInt8(ascii: "\n") }

  /// Splits after each newline; an empty file has no lines.
  static func split(_ text: [UInt8]) -> [TextLine] {
    var lines: [TextLine] = []
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.count
      lines.append(TextLine(bytes: text[start..<end]))
      start = end
    }
    return lines
  }
}

/// One line of an edit script, with the 0-based place in both files where it stands or would stand.
struct LineEdit: Sendable {
  /// The raw value is the line's first byte in a diff.
  enum Kind: UInt8 { case same = 0x20, removed = 0x2d, added = 0x2b }

  let kind: Kind
  let line: TextLine
  let oldIndex: Int
  let newIndex: Int

  /// All lines of both files in order, removed before added.
  ///
  /// - Complexity: linear in the equal lines at both ends; between them the cost of
  ///   `difference(from:)`, or linear when that would exceed `searchLimit`.
  static func script(from old: [TextLine], to new: [TextLine]) -> [LineEdit] {
    let prefix = zip(old, new).prefix { $0 == $1 }.count
    let suffix = zip(old[prefix...].reversed(), new[prefix...].reversed()).prefix { $0 == $1 }.count
    let change = LineChange(
      old: old[prefix..<(old.count - suffix)], new: new[prefix..<(new.count - suffix)])
    var edits: [LineEdit] = []
    edits.reserveCapacity(old.count + new.count)
    var (o, n) = (0, 0)
    while o < old.count || n < new.count {
      if change.removed.contains(o) {
        edits.append(LineEdit(kind: .removed, line: old[o], oldIndex: o, newIndex: n))
        o += 1
      } else if change.added.contains(n) {
        edits.append(LineEdit(kind: .added, line: new[n], oldIndex: o, newIndex: n))
        n += 1
      } else {
        edits.append(LineEdit(kind: .same, line: old[o], oldIndex: o, newIndex: n))
        (o, n) = (o + 1, n + 1)
      }
    }
    return edits
  }
}

/// Which lines disappear and which appear, by index in their files.
private struct LineChange {
  /// Above this product of lengths everything between the equal ends is replaced in one piece.
  static let searchLimit = 1 << 26

  var removed: Set<Int> = []
  var added: Set<Int> = []

  init(old: ArraySlice<TextLine>, new: ArraySlice<TextLine>) {
    guard old.count.multipliedReportingOverflow(by: new.count).partialValue <= Self.searchLimit
    else {
      (removed, added) = (Set(old.indices), Set(new.indices))
      return
    }
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(old.startIndex + offset)
      case .insert(let offset, _, _): added.insert(new.startIndex + offset)
      }
    }
  }
}

extension [LineEdit] {
  /// The stretches with changes, each with up to `context` equal lines around it.
  func hunks(context: Int) -> [ArraySlice<LineEdit>] {
    var ranges: [Range<Int>] = []
    for index in indices where self[index].kind != .same {
      let range = Swift.max(0, index - context)..<Swift.min(count, index + context + 1)
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges.map { self[$0] }
  }
}
