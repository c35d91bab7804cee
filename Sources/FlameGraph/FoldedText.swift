public import Profiler

/// Folded stacks, the interchange format of flame graphs: `thread;outermost;…;leaf weight`.
///
/// One line for each distinct printed path that samples ended in, in bytewise order of the lines.
/// A `;` inside a name becomes `:`, control characters are escaped, and blanks in a thread's name
/// become `_`; all else stays as it is.
///
/// - Source: stackcollapse-perf.pl of brendangregg/FlameGraph.
public struct FoldedText: Sendable {
  /// The lines in UTF-8, each ended by a newline; empty for a tree without weight.
  public let bytes: [UInt8]

  /// Folds a tree.
  ///
  /// - Parameter spelling: Which name of each function is written.
  /// - Complexity: linear in the rows and the bytes written, apart from sorting the lines.
  public init(_ tree: CallTree, spelling: FunctionSpelling = .symbol) {
    let printed = PrintedTree(tree) { (Self.field($0, spelling), .unresolved) }
    var lines = FoldedLines(printed.tree.functions)
    for node in printed.tree.depthFirstRows().dropFirst() {
      lines.descend(to: Int(node), in: printed.tree)
    }
    bytes = lines.sorted()
  }

  private static func field(_ function: Function, _ spelling: FunctionSpelling) -> String {
    let isThread = function.origin == .thread
    let text = spelling.text(of: function)
    return String(
      text.map { character in
        switch character {
        case ";": ":"
        case " " where isThread: "_"
        default: character
        }
      })
  }
}

/// Lines written one behind the other while the rows of a tree go by depth first.
private struct FoldedLines {
  private let names: [[UInt8]]
  private var path: [UInt8] = []
  /// The rows on the path, and how long `path` was before each.
  private var steps: [(row: Int32, start: Int)] = []
  private var text: [UInt8] = []
  private var lines: [Range<Int>] = []

  init(_ functions: [Function]) { names = functions.map { Array($0.symbol.utf8) } }

  mutating func descend(to row: Int, in tree: CallTree) {
    while let step = steps.last, step.row != tree.parent[row] {
      path.removeSubrange(step.start...)
      steps.removeLast()
    }
    steps.append((Int32(row), path.count))
    if !path.isEmpty { path.append(UInt8(ascii: ";")) }
    path += names[tree.function[row].index]
    if tree.selfWeight[row] > 0 { write(tree.selfWeight[row]) }
  }

  private mutating func write(_ weight: UInt64) {
    let start = text.count
    text += path
    text.append(UInt8(ascii: " "))
    text += String(weight).utf8
    text.append(UInt8(ascii: "\n"))
    lines.append(start..<text.count)
  }

  /// The lines in bytewise order; depth first they nearly are already.
  func sorted() -> [UInt8] {
    let order = lines.sorted { text[$0].lexicographicallyPrecedes(text[$1]) }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    for line in order { result += text[line] }
    return result
  }
}
