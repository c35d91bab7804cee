import Profiler
import Testing

@Suite struct CallGraphTests {
  @Test func recursionCountsOnceForFunctionsAndCalls() throws {
    let graph = CallGraph(folding: tree("t;main;f 1", "t;main;f;f 2", "t;main;f;g;f 4"))
    #expect(graph.totalWeight == 7)
    #expect(graph.described == ["f 7/7", "g 0/4", "main 0/7", "t 0/7"])
    #expect(
      graph.describedEdges == ["f>f 2", "f>g 4", "g>f 4", "main>f 7", "t>main 7"])
  }

  @Test func alternatingRecursionCountsEachCallOncePerPath() {
    // f>g lies twice on the first path and once on the second.
    let graph = CallGraph(folding: tree("t;f;g;f;g 3", "t;f;g 2"))
    #expect(graph.describedEdges == ["f>g 5", "g>f 3", "t>f 5"])
    #expect(graph.described == ["f 0/5", "g 5/5", "t 0/5"])
  }

  @Test func siblingsDoNotInheritEachOthersPath() {
    // b occurs below a and beside it: both count, since neither is on the other's path.
    let graph = CallGraph(folding: tree("t;a;b 1", "t;b 10", "t;b;a 100"))
    #expect(graph.described == ["a 100/101", "b 11/111", "t 0/111"])
    #expect(graph.describedEdges == ["a>b 1", "b>a 100", "t>a 1", "t>b 110"])
  }

  @Test func aCallReachedOnTwoPathsCountsOnBoth() {
    let graph = CallGraph(folding: tree("t;x;a;b 1", "t;y;a;b 2"))
    #expect(graph.describedEdges == ["a>b 3", "t>x 1", "t>y 2", "x>a 1", "y>a 2"])
    #expect(graph.described == ["a 0/3", "b 3/3", "t 0/3", "x 0/1", "y 0/2"])
  }

  @Test func orderIsWeightThenNameThenId() {
    let twin = Function(symbol: "same", name: "same", origin: .kernel)
    let other = Function(symbol: "ukl_same", name: "same", origin: .application)
    let big = Function(symbol: "zz", name: "zz", origin: .kernel)
    let early = Function(symbol: "early", name: "early", origin: .kernel)
    let tree = tree(
      of: [([FunctionID(0)], 5), ([FunctionID(1)], 5), ([FunctionID(2)], 9), ([FunctionID(3)], 5)],
      [other, twin, big, early])
    #expect(CallGraph(folding: tree).nodes.map(\.function.index) == [2, 3, 0, 1])
  }

  @Test func weightWithoutAnyFunctionStaysInTheTotal() {
    var tree = CallTree(functions: [])
    tree.add(3, to: 0)
    tree.seal()
    let graph = CallGraph(folding: tree)
    #expect(graph.totalWeight == 3)
    #expect(graph.nodes.isEmpty && graph.edges.isEmpty)
  }

  @Test func deepRecursionNeedsNoStack() {
    let path = [FunctionID](repeating: FunctionID(0), count: 200_000)
    let f = Function(symbol: "f", name: "f", origin: .kernel)
    let graph = CallGraph(folding: tree(of: [(path, 2)], [f]))
    #expect(graph.described == ["f 2/2"])
    #expect(graph.describedEdges == ["f>f 2"])
  }

  @Test func rowsComeDepthFirstWithSiblingsByFunctionId() {
    let functions = ["a", "b", "c"].map { Function(symbol: $0, name: $0, origin: .kernel) }
    let (a, b, c) = (FunctionID(0), FunctionID(1), FunctionID(2))
    let tree = tree(of: [([c], 1), ([b, a], 1), ([a], 1), ([b], 1), ([a, c], 1)], functions)
    // rows: 1 c, 2 b, 3 b;a, 4 a, 5 a;c
    #expect(tree.depthFirstRows() == [0, 4, 5, 2, 3, 1])
  }
}

extension CallGraph {
  /// `name flat/cum`, sorted by text.
  fileprivate var described: [String] {
    nodes.map { "\(function($0.function).name) \($0.flat)/\($0.cum)" }.sorted()
  }

  /// `caller>callee weight`, sorted by text.
  fileprivate var describedEdges: [String] {
    edges.map { "\(function($0.caller).name)>\(function($0.callee).name) \($0.weight)" }.sorted()
  }
}
