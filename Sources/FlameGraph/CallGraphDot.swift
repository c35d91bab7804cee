public import Profiler

/// What ``CallGraphDot`` draws.
public struct DotOptions: Sendable {
  /// Functions whose total weight is less than this share of all are left out. Default is 0.005.
  public var nodeFraction = 0.005
  /// Calls whose weight is less than this share of all are left out. Default is 0.001.
  public var edgeFraction = 0.001
  /// What weights count, in the plural.
  public var unit = "samples"
  /// Which name of a function its node bears. Default is ``FunctionSpelling/symbol``.
  public var spelling = FunctionSpelling.symbol

  /// The defaults.
  public init() {}
}

/// A call graph in Graphviz' DOT language; `dot -Tsvg` draws it.
public struct CallGraphDot: Sendable {
  private let graph: CallGraph
  private let options: DotOptions
  private let nodes: [CallNode]
  private let edges: [CallEdge]

  /// Selects what of `graph` is drawn.
  public init(_ graph: CallGraph, options: DotOptions = .init()) {
    let total = Double(graph.totalWeight)
    let nodes = graph.nodes.filter { Double($0.cum) >= options.nodeFraction * total }
    let drawn = Set(nodes.map(\.function))
    self.graph = graph
    self.options = options
    self.nodes = nodes
    edges = graph.edges.filter {
      Double($0.weight) >= options.edgeFraction * total
        && drawn.contains($0.caller) && drawn.contains($0.callee)
    }
  }

  /// The graph; what was left out is said in its label. Names can't end a string or a statement.
  public func text() -> String {
    var text = """
      digraph "call graph" {
        graph [label=\(dotQuoted(summary())), labelloc=t, fontname="sans-serif", ranksep=0.3]
        node [shape=box, style="filled,rounded", fontname="monospace", fontsize=10, color="#5b6470"]
        edge [fontname="sans-serif", fontsize=9, color="#5b6470"]

      """
    for node in nodes { text += line(node) }
    for edge in edges { text += line(edge) }
    return text + "}\n"
  }

  private func summary() -> String {
    let all = "\(graph.totalWeight) \(printable(options.unit))"
    let functions = graph.nodes.count - nodes.count
    let calls = graph.edges.count - edges.count
    guard functions + calls > 0 else { return all }
    return """
      \(all); not drawn: \(functions) of \(graph.nodes.count) functions (below \
      \(decimal(options.nodeFraction * 100)) %), \(calls) of \(graph.edges.count) calls (below \
      \(decimal(options.edgeFraction * 100)) % or of such a function)
      """
  }

  private func line(_ node: CallNode) -> String {
    let function = graph.function(node.function)
    let name = options.spelling.text(of: function) + (function.isInlined ? " (inlined)" : "")
    // The line break is Graphviz' own escape, so it is added after the name is quoted.
    let label = dotQuoted(name).dropLast() + "\\n\(share(node.flat)) of \(share(node.cum))\""
    let colour = Palette.colour(of: function.origin).hex
    return "  f\(node.function.index) [label=\(label), fillcolor=\"\(colour)\"]\n"
  }

  private func line(_ edge: CallEdge) -> String {
    let width = 0.6 + 4 * Double(edge.weight) / Double(max(1, graph.totalWeight))
    return """
        f\(edge.caller.index) -> f\(edge.callee.index) \
      [label="\(share(edge.weight))", penwidth=\(decimal(width))]\n
      """
  }

  private func share(_ weight: UInt64) -> String {
    "\(percent(weight, of: graph.totalWeight)) %"
  }
}
