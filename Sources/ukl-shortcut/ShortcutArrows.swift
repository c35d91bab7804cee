import FlameGraph
import Profiler
import ShortcutGen

/// The arrows of figure 5.1 of the UKL thesis for the shortcuts of an analysis.
struct ShortcutArrows {
  private let tree: CallTree
  private let children: [Int32: [Int]]

  init(_ tree: CallTree) {
    self.tree = tree
    children = Dictionary(grouping: 1..<tree.count) { tree.parent[$0] }
  }

  /// For each shortcut the blue arrow over entry and exit code and the green one to the leaf, at the
  /// place where the call weighs most.
  func arrows(for candidates: [Candidate]) -> [FlameArrow] {
    candidates.filter { $0.verdict == .shortcut }.flatMap(arrows)
  }

  private func arrows(_ candidate: Candidate) -> [FlameArrow] {
    let wrappers = (1..<tree.count).filter { row in
      symbol(row) == candidate.wrapper
        && (candidate.site.function == nil
          || symbol(Int(tree.parent[row])) == candidate.site.symbol)
    }
    let heaviest = wrappers.max { tree.totalWeight[$0] < tree.totalWeight[$1] }
    guard let wrapper = heaviest, let leaf = candidate.leaf else { return [] }
    let body = candidate.trunk.max { $0.inclusive < $1.inclusive }?.function
    return [
      body.flatMap { arrow(.bypass, wrapper, to: $0, "UKL_BYP skips entry and exit code") },
      arrow(
        .shortcut, wrapper, to: leaf, "\(candidate.stub ?? "a shortcut") skips \(hidden(candidate))"
      ),
    ].compactMap { $0 }
  }

  private func hidden(_ candidate: Candidate) -> String {
    candidate.trunk.map(\.function).joined(separator: ", ")
  }

  private func arrow(
    _ kind: FlameArrow.Kind, _ from: Int, to symbol: String, _ label: String
  ) -> FlameArrow? {
    heaviest(symbol, below: from).map {
      FlameArrow(kind: kind, fromRow: from, toRow: $0, label: label)
    }
  }

  /// The heaviest row of a function below a row.
  private func heaviest(_ wanted: String, below row: Int) -> Int? {
    var best: Int?
    var open = children[Int32(row)] ?? []
    while let next = open.popLast() {
      if symbol(next) == wanted {
        if best.map({ tree.totalWeight[$0] < tree.totalWeight[next] }) ?? true { best = next }
      } else {
        open.append(contentsOf: children[Int32(next)] ?? [])
      }
    }
    return best
  }

  private func symbol(_ row: Int) -> String {
    row > 0 ? tree.functions[tree.function[row].index].symbol : ""
  }
}
