import Profiler

/// A call tree as it prints: siblings that look alike are one node.
///
/// Which functions look alike is for the picture to say: frames differ by text and colour, so the
/// application's `tcp_sendmsg` and the kernel's stay apart; folded lines differ by text alone.
struct PrintedTree {
  /// The merged tree, sealed; its functions are the distinct labels in bytewise order of their
  /// text, so siblings sorted by function id are sorted by name.
  let tree: CallTree
  /// For each row of the original tree, its row in `tree`.
  let nodeOfRow: [Int32]

  /// What a function looks like: nodes whose labels are equal look alike.
  typealias Label = (text: String, origin: FunctionOrigin, isInlined: Bool)

  /// Merges `original` under the labels of its functions.
  init(_ original: CallTree, label: (Function) -> Label) {
    let labels = LabelTable(original.functions, label: label)
    var merged = CallTree(functions: labels.distinct)
    var nodeOfRow: [Int32] = [0]
    nodeOfRow.reserveCapacity(original.count)
    merged.add(original.selfWeight[0], to: 0)
    for row in 1..<original.count {
      let parent = Int(nodeOfRow[Int(original.parent[row])])
      let node = merged.child(of: parent, calling: labels.ofFunction[original.function[row].index])
      merged.add(original.selfWeight[row], to: node)
      nodeOfRow.append(Int32(node))
    }
    merged.seal()
    tree = merged
    self.nodeOfRow = nodeOfRow
  }

  /// Whether a node's function stands inside its caller's code.
  func isInlined(_ node: Int) -> Bool { tree.functions[tree.function[node].index].isInlined }

  /// The printed name of a node; the root has none.
  func text(of node: Int) -> String { tree.functions[tree.function[node].index].symbol }
}

/// The distinct labels of a function table, sorted, and which one each function has.
private struct LabelTable {
  let distinct: [Function]
  let ofFunction: [FunctionID]

  init(_ functions: [Function], label: (Function) -> PrintedTree.Label) {
    let labels = functions.map(label).map {
      Function(symbol: $0.text, name: $0.text, origin: $0.origin, isInlined: $0.isInlined)
    }
    distinct = Set(labels).sorted(by: Self.precedes)
    let ranks = Dictionary(
      uniqueKeysWithValues: distinct.enumerated().map { ($1, FunctionID($0)) })
    ofFunction = labels.compactMap { ranks[$0] }
  }

  private static func precedes(_ a: Function, _ b: Function) -> Bool {
    if a.symbol != b.symbol { return a.symbol.utf8.lexicographicallyPrecedes(b.symbol.utf8) }
    return (a.origin.rawValue, a.isInlined ? 1 : 0) < (b.origin.rawValue, b.isInlined ? 1 : 0)
  }
}
