/// One stub to generate and why; several call sites may share it.
public struct StubRequest: Sendable, Equatable {
  /// Which stub.
  public let kind: StubKind
  /// The frames that it skips, outermost first, as the recording names them.
  public let trunk: [String]
  /// One line for each call site: who calls, how often, what share.
  public let evidence: [String]
  /// Ids of the plans that led to it.
  public let planIDs: [String]

  /// Asks for a stub.
  public init(kind: StubKind, trunk: [String], evidence: [String], planIDs: [String]) {
    self.kind = kind
    self.trunk = trunk
    self.evidence = evidence
    self.planIDs = planIDs
  }

  /// The trunk as lines of a comment.
  var trunkLines: [String] {
    trunk.isEmpty
      ? ["(the recording names none)"]
      : CText.wrapped(trunk.joined(separator: ", "), limit: 4000, indent: "")
  }
}
