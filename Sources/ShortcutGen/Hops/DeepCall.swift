/// A call through a slot behind a leaf: the kernel's business, seen but not offered.
public struct DeepCall: Sendable, Hashable {
  /// Struct and member, `sock.sk_backlog_rcv`.
  public let slot: String
  /// The function that calls through it.
  public let caller: String
  /// The function that was called.
  public let callee: String
  /// How the call is made.
  public let call: CallKind
  /// `image` or `catalogue`.
  public let evidence: String

  /// Describes a call.
  public init(slot: String, caller: String, callee: String, call: CallKind, evidence: String) {
    self.slot = slot
    self.caller = caller
    self.callee = callee
    self.call = call
    self.evidence = evidence
  }
}

/// A slot behind a leaf, and what stood in it.
public struct DeepHop: Sendable, Codable, Equatable {
  /// Struct and member.
  public let slot: String
  /// The function that calls through it.
  public let caller: String
  /// Samples in each function that was called, or below.
  public let callees: [String: UInt64]
  /// How the call is made.
  public let call: CallKind
  /// `image` or `catalogue`.
  public let evidence: String

  /// Calls by slot and caller, those of most samples first.
  static func hops(_ calls: [DeepCall: Tally]) -> [DeepHop] {
    let groups = Dictionary(grouping: calls) { [$0.key.slot, $0.key.caller] }
    let hops = groups.values.compactMap { members -> DeepHop? in
      guard let first = members.first?.key else { return nil }
      var callees: [String: UInt64] = [:]
      for member in members { callees[member.key.callee, default: 0] += member.value.samples }
      return DeepHop(
        slot: first.slot, caller: first.caller, callees: callees, call: first.call,
        evidence: first.evidence)
    }
    return hops.sorted {
      ($1.samples, $0.slot, $0.caller) < ($0.samples, $1.slot, $1.caller)
    }
  }

  /// Samples in all of them.
  var samples: UInt64 { callees.values.reduce(0, +) }
}
