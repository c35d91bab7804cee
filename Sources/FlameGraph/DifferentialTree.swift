public import Profiler

/// Two call trees as one: the rows of both, with the weights of the one that is drawn and those of
/// the one it is compared with. Functions are the same if symbol and origin are.
public struct DifferentialTree: Sendable {
  /// The rows of both trees, with the drawn one's weights.
  public let tree: CallTree
  /// What it is compared with.
  public let baseline: FlameBaseline

  /// - Parameters:
  ///   - drawn: its frames are as wide as they weigh.
  ///   - other: what it is compared with.
  public init(drawing drawn: CallTree, comparedWith other: CallTree, called name: String) {
    var functions: [Function] = []
    var ids: [Function: FunctionID] = [:]
    func known(_ tree: CallTree) -> [FunctionID] {
      tree.functions.map { function in
        if let id = ids[function] { return id }
        let id = FunctionID(functions.count)
        functions.append(function)
        ids[function] = id
        return id
      }
    }
    let (first, second) = (known(drawn), known(other))
    var merged = CallTree(functions: functions)
    let rows = DifferentialTree.add(drawn, first, to: &merged)
    for (row, place) in rows.enumerated() { merged.add(drawn.selfWeight[row], to: place) }
    let others = DifferentialTree.add(other, second, to: &merged)
    merged.seal()
    var weights = [UInt64](repeating: 0, count: merged.count)
    for (row, place) in others.enumerated() {
      let (sum, overflow) = weights[place].addingReportingOverflow(other.selfWeight[row])
      weights[place] = overflow ? .max : sum
    }
    tree = merged
    baseline = FlameBaseline(name: name, selfWeight: weights)
  }

  /// Adds a tree's rows; returns where each stands.
  private static func add(
    _ tree: CallTree, _ functions: [FunctionID], to merged: inout CallTree
  ) -> [Int] {
    var places = [Int](repeating: 0, count: tree.count)
    for row in 1..<max(1, tree.count) {
      places[row] = merged.child(
        of: places[Int(tree.parent[row])], calling: functions[tree.function[row].index])
    }
    return places
  }
}

/// The recording that a picture is compared with.
public struct FlameBaseline: Sendable {
  /// What the picture calls it.
  public let name: String
  /// Its weight at each row of the drawn tree, rows above left out.
  public let selfWeight: [UInt64]
}
