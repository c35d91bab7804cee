public import Profiler

extension MissingFrames {
  /// What to put back between neighbours of a recording's call chains.
  public func recovered(between edges: Set<KernelEdge>) -> RecoveredFrames {
    var found: [KernelEdge: [UInt64]] = [:]
    for edge in edges {
      let path = path(edge)
      if !path.isEmpty { found[edge] = path }
    }
    return RecoveredFrames(found)
  }

  /// First addresses in the running kernel, innermost first.
  private func path(_ edge: KernelEdge) -> [UInt64] {
    let (symbols, shift) = (code.symbols, code.symbols.shift)
    guard let caller = symbols.row(covering: edge.returnAddress &- shift &- 1),
      let callee = symbols.row(covering: edge.callee &- shift),
      code.image.isCode(symbols.address(caller)), code.image.isCode(symbols.address(callee))
    else { return [] }
    let names = between(
      symbols.name(caller), symbols.name(callee), returningTo: edge.returnAddress)
    return names.reversed().compactMap { code.address(of: $0).map { $0 &+ shift } }
  }
}
