public import Profiler

/// A call graph as text: a flat profile, then every function with its callers and callees.
public struct CallGraphText: Sendable {
  private let graph: CallGraph
  private let unit: String
  private let names: [String]

  /// A report on `graph`.
  ///
  /// - Parameters:
  ///   - unit: What weights count, in the plural.
  ///   - spelling: Which name of each function is printed.
  public init(
    _ graph: CallGraph, unit: String = "samples", spelling: FunctionSpelling = .symbol
  ) {
    self.graph = graph
    self.unit = printable(unit)
    names = graph.functions.map { spelling.text(of: $0) + ($0.isInlined ? " (inlined)" : "") }
  }

  /// The report, ready for a terminal: control characters in names are escaped.
  ///
  /// The flat profile is sorted by self weight, the functions by total weight.
  public func text() -> String {
    """
    \(graph.totalWeight) \(unit), \(graph.nodes.count) functions, \(graph.edges.count) calls

    Flat profile

    \(flatProfile())
    Callers (<-) and callees (->)

    \(callProfile())
    """
  }

  private func flatProfile() -> String {
    let header = columns("self", "%") + columns("total", "%") + "  function\n"
    let nodes = graph.nodes.enumerated().sorted {
      ($1.element.flat, $0.offset) < ($0.element.flat, $1.offset)
    }
    return nodes.reduce(into: header) { text, node in text += line(node.element) }
  }

  private func line(_ node: CallNode) -> String {
    columns(weight: node.flat) + columns(weight: node.cum) + "  \(name(node.function))\n"
  }

  private func callProfile() -> String {
    let callers = Dictionary(grouping: graph.edges, by: \.callee)
    let callees = Dictionary(grouping: graph.edges, by: \.caller)
    var text = columns("self", "%") + columns("total", "%") + "  function\n"
    for node in graph.nodes {
      text += "\n"
      for edge in callers[node.function, default: []] { text += line(edge, "<-", edge.caller) }
      text += line(node)
      for edge in callees[node.function, default: []] { text += line(edge, "->", edge.callee) }
    }
    return text
  }

  private func line(_ edge: CallEdge, _ arrow: String, _ other: FunctionID) -> String {
    columns("", "") + columns(weight: edge.weight) + "      \(arrow) \(name(other))\n"
  }

  private func name(_ id: FunctionID) -> String { names[id.index] }

  private func columns(weight: UInt64) -> String {
    columns(String(weight), percent(weight, of: graph.totalWeight))
  }

  /// Two right-aligned columns, the first wide enough for the largest weight.
  private func columns(_ weight: String, _ share: String) -> String {
    let width = max(8, String(graph.totalWeight).count)
    return padded(weight, to: width) + padded(share, to: 8)
  }
}
