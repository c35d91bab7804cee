import Profiler

/// An arrow over a flame graph, from a frame to the one that a shortcut calls instead.
///
/// - Source: after figure 5.1 of Ali Raza's thesis on Unikernel Linux.
public struct FlameArrow: Sendable, Equatable {
  /// What is skipped.
  public enum Kind: String, Sendable, CaseIterable {
    /// Entry and exit code, between wrapper and system call body: what UKL_BYP skips. Blue.
    case bypass
    /// All between call site or wrapper and leaf: what a shortcut skips. Green.
    case shortcut
  }

  /// What is skipped.
  public let kind: Kind
  /// Row of the ``CallTree`` the arrow starts at, such as the libc wrapper's.
  public let fromRow: Int
  /// Row of the ``CallTree`` the arrow points to.
  public let toRow: Int
  /// The arrow's tooltip.
  public let label: String

  /// Describes an arrow between two rows of the tree that is drawn.
  public init(kind: Kind, fromRow: Int, toRow: Int, label: String) {
    self.kind = kind
    self.fromRow = fromRow
    self.toRow = toRow
    self.label = label
  }
}

/// An arrow between two drawn frames.
struct PlacedArrow: Equatable {
  let kind: FlameArrow.Kind
  /// Index of the frame it starts at.
  let from: Int
  /// Index of the frame it points to.
  let to: Int
  /// How many arrows of its kind start at the same frame before it: each bows out farther.
  let rank: Int
  /// Labels of all arrows that came to lie here, one a line.
  var label: String
}

extension PlacedArrow {
  private struct Ends: Hashable {
    let kind: FlameArrow.Kind
    let from: Int
    let to: Int
  }

  /// The arrows whose two frames are drawn, in the order given; those that merged rows lay over
  /// each other are one.
  static func place(_ arrows: [FlameArrow], on layout: Layout) -> [PlacedArrow] {
    var placed: [PlacedArrow] = []
    var known: [Ends: Int] = [:]
    for arrow in arrows {
      guard let from = layout.frame(ofRow: arrow.fromRow), let to = layout.frame(ofRow: arrow.toRow)
      else { continue }
      let label = printable(arrow.label)
      if let twin = known[Ends(kind: arrow.kind, from: from, to: to)] {
        placed[twin].add(label)
        continue
      }
      known[Ends(kind: arrow.kind, from: from, to: to)] = placed.count
      let rank = placed.count { $0.kind == arrow.kind && $0.from == from }
      placed.append(.init(kind: arrow.kind, from: from, to: to, rank: rank, label: label))
    }
    return placed
  }

  private mutating func add(_ line: String) {
    if !label.split(separator: "\n").contains(line[...]) { label += "\n" + line }
  }
}
