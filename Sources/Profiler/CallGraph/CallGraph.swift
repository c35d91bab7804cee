/// One function of a ``CallGraph``.
public struct CallNode: Sendable, Hashable {
  /// The function, a row of ``CallGraph/functions``.
  public let function: FunctionID
  /// Weight of the samples that ended in the function.
  public let flat: UInt64
  /// Weight of the samples whose path contains the function, however often it recurs in it.
  public let cum: UInt64
}

/// Calls of one function by another.
public struct CallEdge: Sendable, Hashable {
  /// Who calls.
  public let caller: FunctionID
  /// Who is called.
  public let callee: FunctionID
  /// Weight of the samples whose path contains the call, however often it recurs in it.
  public let weight: UInt64
}

/// A call tree with its paths forgotten: each function once, and who calls whom.
///
/// A sample counts once for each function and each call on its path, so recursion never makes a
/// share exceed 100 %:
///
///     paths            main;f 1   main;f;f 2
///     node  flat cum   main 0 3   f 3 3
///     edge  weight     main→f 3   f→f 2
public struct CallGraph: Sendable {
  /// The functions that occur, by `cum` descending, ties by name, then by id.
  public let nodes: [CallNode]
  /// The calls, by weight descending, ties by the names of caller and callee, then by their ids.
  public let edges: [CallEdge]
  /// Weight of all samples, those without any function included.
  public let totalWeight: UInt64
  /// What the ids in `nodes` and `edges` mean.
  public let functions: [Function]

  /// Folds the paths of a sealed tree.
  ///
  /// - Complexity: linear in the rows of the tree, apart from sorting the result.
  public init(folding tree: CallTree) {
    var fold = PathFold(tree)
    for row in tree.depthFirstRows().dropFirst() { fold.enter(Int(row)) }
    totalWeight = tree.totalWeight[0]
    functions = tree.functions
    nodes = fold.nodes().sorted { Self.precedes($0, $1, in: tree.functions) }
    edges = fold.edges.sorted { Self.precedes($0, $1, in: tree.functions) }
  }

  /// The function behind an id of this graph.
  public func function(_ id: FunctionID) -> Function { functions[id.index] }

  private static func precedes(_ a: CallNode, _ b: CallNode, in table: [Function]) -> Bool {
    if a.cum != b.cum { return a.cum > b.cum }
    let (first, second) = (table[a.function.index].name, table[b.function.index].name)
    return first != second ? first < second : a.function < b.function
  }

  private static func precedes(_ a: CallEdge, _ b: CallEdge, in table: [Function]) -> Bool {
    if a.weight != b.weight { return a.weight > b.weight }
    let (first, second) = (table[a.caller.index].name, table[b.caller.index].name)
    if first != second { return first < second }
    let (third, fourth) = (table[a.callee.index].name, table[b.callee.index].name)
    if third != fourth { return third < fourth }
    return (a.caller, a.callee) < (b.caller, b.callee)
  }
}

/// Sums functions and calls while the rows of a tree go by depth first.
///
/// It knows how often each function and each call lies on the path to the current row; only the
/// outermost of them takes the row's total.
private struct PathFold {
  private struct Step {
    let row: Int32
    let function: Int
    let edge: Int?
  }

  private let tree: CallTree
  private var path: [Step] = []
  private var flat: [UInt64]
  private var cum: [UInt64]
  private var occurs: [Bool]
  private var functionDepth: [Int32]
  private(set) var edges: [CallEdge] = []
  private var edgeDepth: [Int32] = []
  private var edgeOf: [UInt64: Int] = [:]

  init(_ tree: CallTree) {
    self.tree = tree
    flat = [UInt64](repeating: 0, count: tree.functions.count)
    cum = flat
    occurs = [Bool](repeating: false, count: tree.functions.count)
    functionDepth = [Int32](repeating: 0, count: tree.functions.count)
  }

  mutating func enter(_ row: Int) {
    leave(downTo: tree.parent[row])
    let function = tree.function[row].index
    occurs[function] = true
    flat[function] += tree.selfWeight[row]
    let weight = tree.totalWeight[row]
    if functionDepth[function] == 0 { cum[function] += weight }
    functionDepth[function] += 1
    let edge = path.last.map { call(from: $0.function, to: function, weight: weight) }
    path.append(Step(row: Int32(row), function: function, edge: edge))
  }

  private mutating func leave(downTo parent: Int32) {
    while let step = path.last, step.row != parent {
      functionDepth[step.function] -= 1
      if let edge = step.edge { edgeDepth[edge] -= 1 }
      path.removeLast()
    }
  }

  private mutating func call(from caller: Int, to callee: Int, weight: UInt64) -> Int {
    let edge = edgeIndex(FunctionID(caller), FunctionID(callee))
    if edgeDepth[edge] == 0 {
      let known = edges[edge]
      edges[edge] = CallEdge(
        caller: known.caller, callee: known.callee, weight: known.weight + weight)
    }
    edgeDepth[edge] += 1
    return edge
  }

  private mutating func edgeIndex(_ caller: FunctionID, _ callee: FunctionID) -> Int {
    let key = UInt64(caller.rawValue) << 32 | UInt64(callee.rawValue)
    if let known = edgeOf[key] { return known }
    edgeOf[key] = edges.count
    edges.append(CallEdge(caller: caller, callee: callee, weight: 0))
    edgeDepth.append(0)
    return edges.count - 1
  }

  func nodes() -> [CallNode] {
    occurs.indices.filter { occurs[$0] }.map {
      CallNode(function: FunctionID($0), flat: flat[$0], cum: cum[$0])
    }
  }
}
