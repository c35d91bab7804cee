import Profiler

/// The ranking as a table: for a terminal, or as Markdown.
public struct RankedTable: Sendable {
  private let rows: [[String]]
  private let hidden: Int

  private static let heads = [
    "verdict", "call site", "call", "leaf", "samples", "share", "hops save", "entry",
  ]

  /// One row a candidate; those too small to say anything about are counted, not shown.
  public init(_ document: ShortcutDocument) {
    let shown = document.candidates.filter { !$0.isNoise }
    hidden = document.candidates.count - shown.count
    let hasCalls = shown.contains { $0.calls != nil }
    let hasLeaves = shown.contains { $0.callsByLeaf != nil }
    rows =
      [RankedTable.heads + (hasCalls ? ["calls"] : []) + (hasLeaves ? ["of the leaf"] : [])]
      + shown.map { candidate in
        RankedTable.row(candidate)
          + (hasCalls ? [candidate.calls.map(String.init) ?? "–"] : [])
          + (hasLeaves ? [candidate.callsOfLeaf.map(String.init) ?? "–"] : [])
      }
  }

  private static func row(_ candidate: Candidate) -> [String] {
    let saves = candidate.saves
    let isMeasured = saves.hops.high95 > 0
    return [
      candidate.verdict.rawValue, printable(candidate.site.shown), candidate.syscall,
      printable(candidate.leafShown), "\(candidate.samples)", percent(candidate.share),
      isMeasured ? interval(saves.hops) : "–",
      isMeasured ? percent(saves.transition.share) : "–",
    ]
  }

  private static func interval(_ saving: Saving) -> String {
    "\(percent(saving.share)) [\(plain(saving.low95))–\(plain(saving.high95))]"
  }

  private static func plain(_ share: Double) -> String { String(percent(share).dropLast(2)) }

  /// What is left out, for people; nil if nothing is.
  public var remark: String? {
    hidden == 0
      ? nil
      : "and \(counted(UInt64(hidden), "call site")) with a handful of samples, none of which shows "
        + "where the call ends"
  }

  /// Columns aligned by blanks, numbers to the right.
  public var text: String {
    let widths = RankedTable.widths(rows)
    return rows.map { row in
      let cells = zip(row.indices, row).map { index, cell in
        let fill = String(repeating: " ", count: widths[index] - cell.count)
        return index < 4 ? cell + fill : fill + cell
      }
      return cells.joined(separator: "  ").trimmingTrailingBlanks + "\n"
    }.joined() + (remark.map { "\($0)\n" } ?? "")
  }

  private static func widths(_ rows: [[String]]) -> [Int] {
    (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  }

  /// The lines of a report's table; names in the second and fourth column are code.
  func lines(_ markup: some Markup) -> [String] {
    let head = rows.first ?? []
    return markup.table(
      head, numbers: Set(head.indices.dropFirst(4)),
      rows.dropFirst().map { row in
        row.enumerated().map { column, cell in
          (column == 1 || column == 3) && cell != "–" ? markup.code(cell) : markup.text(cell)
        }
      })
  }
}

extension Candidate.Site {
  /// What people read in place of the site.
  var shown: String { function ?? symbol ?? "unknown" }
}

extension Candidate {
  /// A pair of site and call with so few samples that it may be an accident of unwinding.
  var isNoise: Bool { leaf == nil && calls == nil && share < 0.001 }

  /// Calls on descriptors whose samples all show the leaf; nil where the recording doesn't say.
  var callsOfLeaf: UInt64? {
    callsByLeaf.flatMap { calls in leaf.map { calls[$0] ?? 0 } }
  }

  /// The leaf, with the number of others where there are several.
  var leafShown: String {
    guard let leaf else { return "–" }
    return leaves.count > 1 ? "\(leaf) +\(leaves.count - 1)" : leaf
  }
}

extension String {
  fileprivate var trimmingTrailingBlanks: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
