public import Profiler

extension MissingFrames {
  /// What to put back between neighbours of a recording's call chains.
  public func recovered(between edges: Set<KernelEdge>) -> RecoveredFrames {
    var seen: [UInt64: Set<UInt64>] = [:]
    for edge in edges {
      guard let callee = code.function(covering: edge.callee) else { continue }
      seen[edge.returnAddress, default: []].insert(callee)
    }
    var known: [KernelEdge: [UInt64]] = [:]  // by function called and return address
    var found: [KernelEdge: [UInt64]] = [:]
    for edge in edges {
      guard let caller = code.function(covering: edge.returnAddress &- 1),
        let callee = code.function(covering: edge.callee)
      else { continue }
      let key = KernelEdge(callee: callee, returnAddress: edge.returnAddress)
      let path =
        known[key]
        ?? between(
          caller, callee, returningTo: edge.returnAddress, seen: seen[edge.returnAddress] ?? []
        ).reversed()
      known[key] = path
      if !path.isEmpty { found[edge] = path }
    }
    return RecoveredFrames(found)
  }
}
