import Profiler

/// A call tree as it prints: siblings that look alike are one node.
///
/// Two functions look alike when text and origin are equal, so that the application's
/// `tcp_sendmsg` and the kernel's stay apart even where both print without their prefix.
struct PrintedTree {
  /// The merged tree, sealed; its functions are the distinct labels in bytewise order of their
  /// text, so siblings sorted by function id are sorted by name.
  let tree: CallTree
  /// For each row of the original tree, its row in `tree`.
  let nodeOfRow: [Int32]

  /// Merges `original` under the labels that `text` gives its functions.
  init(_ original: CallTree, text: (Function) -> String) {
    let labels = Labels(original.functions, text: text)
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

  /// The printed name of a node; the root has none.
  func text(of node: Int) -> String { tree.functions[tree.function[node].index].symbol }
}

/// The distinct labels of a function table, sorted, and which one each function has.
private struct Labels {
  let distinct: [Function]
  let ofFunction: [FunctionID]

  init(_ functions: [Function], text: (Function) -> String) {
    let labels = functions.map {
      let text = text($0)
      return Function(symbol: text, name: text, origin: $0.origin)
    }
    distinct = Set(labels).sorted(by: Self.precedes)
    let ranks = Dictionary(
      uniqueKeysWithValues: distinct.enumerated().map { ($1, FunctionID($0)) })
    ofFunction = labels.compactMap { ranks[$0] }
  }

  private static func precedes(_ a: Function, _ b: Function) -> Bool {
    if a.symbol != b.symbol { return a.symbol.utf8.lexicographicallyPrecedes(b.symbol.utf8) }
    return a.origin.rawValue < b.origin.rawValue
  }
}
