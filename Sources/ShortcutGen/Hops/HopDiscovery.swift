/// Finds the calls through operations tables on the way from a system call's body to its leaf.
///
/// A hop is known by its slot, not by its frames: where the compiler made a sibling call, the
/// function that stands in a slot has no frame, and the slot behind it says that it was there.
struct HopDiscovery {
  let catalog: OperationCatalog

  /// - Parameters:
  ///   - trunk: symbols, outermost first.
  ///   - found: where the kernel's image has a leaf that the catalogue doesn't list, and what calls it.
  ///   - moves: which way the system call moves data.
  func hops(
    trunk: [String], leaf: String, at found: (place: SlotPlace, caller: String)? = nil,
    moves: String
  ) -> [Candidate.Hop] {
    var hops: [Candidate.Hop] = []
    var caller = trunk.first ?? "unknown"
    for callee in trunk.dropFirst() + [leaf] {
      if let target = catalog.target(callee, moves: moves) {
        if let hidden = hiddenHop(before: target, caller: caller, after: hops, trunk: trunk) {
          hops.append(hidden)
          caller = hidden.callee
        }
        let isHidden = !trunk.contains(caller)
        hops.append(hop(target, caller: caller, call: isHidden ? .tail : target.call))
      }
      caller = callee
    }
    if let found {
      hops.append(
        Candidate.Hop(
          caller: found.caller, callee: leaf, slot: found.place.slot, table: found.place.table,
          call: .unknown, evidence: "image"))
    }
    return hops
  }

  /// The hop through the slot that leads to this one, where no frame of the trunk stands in it.
  private func hiddenHop(
    before target: OperationCatalog.Target, caller: String, after hops: [Candidate.Hop],
    trunk: [String]
  ) -> Candidate.Hop? {
    guard let slot = target.via, !hops.contains(where: { $0.slot == slot }) else { return nil }
    let stands = catalog.trunkTargets(of: slot)
    // tcp_recvmsg serves both versions; udpv6_recvmsg and its like stand in inet6's table only.
    let protocolFamily = target.function.contains("v6") ? "inet6_" : "inet_"
    let hidden = stands.first { $0.function.hasPrefix(protocolFamily) }
    return hidden.map { hop($0, caller: caller, call: .tail) }
  }

  private func hop(
    _ target: OperationCatalog.Target, caller: String, call: CallKind
  ) -> Candidate.Hop {
    Candidate.Hop(
      caller: caller, callee: target.function, slot: target.slot, table: target.table, call: call,
      evidence: "catalogue")
  }
}
