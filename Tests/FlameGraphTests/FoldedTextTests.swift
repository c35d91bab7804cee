import FlameGraph
import Testing

@testable import Profiler

@Suite struct FoldedTextTests {
  private func folded(_ tree: CallTree, _ spelling: FunctionSpelling = .symbol) -> String {
    String(decoding: FoldedText(FoldedStacks(tree), spelling: spelling).bytes, as: UTF8.self)
  }

  @Test func linesAreSortedBytewiseAsWholeLines() {
    // ' ' sorts before '!' before ';': "a 5" < "a b 1" < "a! 1" < "a;x 2", whatever the tree says.
    let tree = tree("t;a;x 2", "t;a 5", "t;a! 1", "t;a b 1", "s;z 10")
    #expect(folded(tree) == "s;z 10\nt;a 5\nt;a b 1\nt;a! 1\nt;a;x 2\n")
  }

  @Test func rowsWithoutSelfWeightGiveNoLine() {
    #expect(folded(tree("t;a;b 2", "t;a;c 0")) == "t;a;b 2\n")
    #expect(folded(CallTree(functions: [])).isEmpty)
  }

  @Test func pathsThatPrintEquallyAreSummed() {
    let tree = tree("t;ukl_read;x 2", "t;read;x 3")
    #expect(folded(tree) == "t;read;x 3\nt;ukl_read;x 2\n")
    #expect(folded(tree, .name) == "t;read;x 5\n")
  }

  @Test func namesCannotBreakTheFormat() {
    let functions = [
      Function(symbol: "my thread;1", name: "", origin: .thread),
      Function(symbol: "operator new(unsigned long)", name: "", origin: .application),
      Function(symbol: "a;b\n1\u{1b}[0m", name: "", origin: .kernel),
    ]
    let tree = tree(of: [([FunctionID(0), FunctionID(1), FunctionID(2)], 7)], functions)
    #expect(
      folded(tree) == "my_thread:1;operator new(unsigned long);a:b\\n1\\u{1b}[0m 7\n")
  }

  @Test func lookAlikesOfDifferentOriginAreOneLine() {
    let functions = [FunctionOrigin.application, .kernel].map {
      Function(symbol: "tcp_sendmsg", name: "tcp_sendmsg", origin: $0)
    }
    let tree = tree(of: [([FunctionID(0)], 1), ([FunctionID(1)], 2)], functions)
    #expect(folded(tree) == "tcp_sendmsg 3\n")
  }
}

extension FoldedStacks {
  /// The paths of a tree that have weight; what is below its root stands for a thread.
  fileprivate init(_ tree: CallTree) {
    self.init(comms: tree.functions.map(\.symbol), functions: tree.functions)
    for row in 1..<max(1, tree.count) where tree.selfWeight[row] > 0 {
      var path: [UInt32] = []
      var node = row
      while node > 0 {
        path.append(tree.function[node].rawValue)
        node = Int(tree.parent[node])
      }
      let comm = path.removeLast()
      add(path.span.bytes, comm: comm, weight: tree.selfWeight[row])
    }
  }
}
