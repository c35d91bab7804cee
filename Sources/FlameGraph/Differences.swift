import Profiler

/// How the frames of a picture differ from a baseline: shares of either whole are compared, so that
/// recordings of different length can be.
struct Differences {
  /// Share of each node's own time, less the baseline's.
  private let own: [Double]
  /// The same with all that stands on the node.
  private let whole: [Double]
  /// The largest difference of a node's own share.
  private let largest: Double

  init(_ baseline: FlameBaseline, _ printed: PrintedTree) {
    let tree = printed.tree
    var before = [Double](repeating: 0, count: tree.count)
    for (row, weight) in baseline.selfWeight.enumerated()
    where printed.nodeOfRow.indices.contains(row) {
      before[Int(printed.nodeOfRow[row])] += Double(weight)
    }
    let drawnTotal = max(Double(tree.totalWeight[0]), 1)
    var own = tree.selfWeight.map { Double($0) / drawnTotal }
    let total = max(before.reduce(0, +), 1)
    for node in own.indices { own[node] -= before[node] / total }
    var whole = own
    for node in tree.parent.indices.reversed() where tree.parent[node] >= 0 {
      whole[Int(tree.parent[node])] += whole[node]
    }
    (self.own, self.whole) = (own, whole)
    largest = own.reduce(0) { max($0, abs($1)) }
  }

  /// White where nothing changed, red for more, blue for less; full colour at the largest change.
  func colour(_ node: Int) -> Colour {
    let strength = largest > 0 ? abs(own[node]) / largest : 0
    // The root of the strength keeps small changes visible.
    let share = UInt8((255 * strength.squareRoot()).rounded())
    return Colour(0xf6f6f6).mixed(with: own[node] > 0 ? Palette.more : Palette.less, share: share)
  }

  /// `own time −1.20 points, with all above −3.05`.
  func text(_ node: Int) -> String {
    "own time \(points(own[node])) points, with all it calls \(points(whole[node]))"
  }

  private func points(_ share: Double) -> String {
    let hundredths = Int((abs(share) * 10_000).rounded())
    let rest = hundredths % 100
    let sign = hundredths == 0 ? "±" : share > 0 ? "+" : "−"
    return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
