/// What an audit of a stub's ledger found.
public struct LedgerAudit: Sendable, Equatable {
  /// Something that a skipped function does and nobody has an answer to.
  public enum Unknown: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Nobody has read what a skipped function does itself.
    case body(String)
    /// A frame of the recording has no code in the image.
    case absent(String)
    /// A skipped function calls another one that is in no list.
    case call(of: String, from: String)
    /// A skipped function calls through a pointer that leads nobody knows where.
    case pointer(from: String)
    /// What a function does, or one that it calls, has no row in the stub's ledger.
    case effect(String, of: String)

    /// What it is, in a sentence about the function.
    public var description: String {
      switch self {
      case .body(let function): "nobody has read what \(function) does besides"
      case .absent(let function): "the image has no code of \(function)"
      case .call(let callee, let caller): "\(caller) calls \(callee), which nobody has classified"
      case .pointer(let caller): "\(caller) calls through a pointer that nobody has classified"
      case .effect(let effect, let function):
        "the stub has no answer to what \(function) does (\(effect))"
      }
    }
  }

  /// Every side effect, and what the stub does about it.
  public let rows: [LedgerEntry]
  /// What nobody has classified; a stub is right only where this is empty.
  public let unknown: [Unknown]

  /// Why there is no stub; nil where nothing is unknown.
  public var refusal: String? {
    guard !unknown.isEmpty else { return nil }
    let shown = unknown.prefix(3).map(\.description).joined(separator: "; ")
    let more = unknown.count > 3 ? "; and \(unknown.count - 3) more" : ""
    return "no stub, because not everything it would skip is known: \(shown)\(more)"
  }
}

extension LedgerAudit {
  /// The rows, with what an earlier audit saw in an image that may not be at hand now.
  func rows(after earlier: [LedgerEntry]) -> [LedgerEntry] {
    let seen = earlier.filter { $0.evidence == "image" }
    let known = rows.map { row in
      var row = row
      if seen.contains(where: { $0.isAbout(row) }) { row.evidence = "image" }
      return row
    }
    return known + seen.filter { old in !rows.contains { $0.isAbout(old) } }
  }
}

extension LedgerEntry {
  /// Whether both are about one effect of one function.
  fileprivate func isAbout(_ other: LedgerEntry) -> Bool {
    (effect, function) == (other.effect, other.function)
  }
}

/// Checks that a stub has an answer to everything that the functions it skips do and call.
///
/// The calls come from the kernel's image; where there is none, from the catalogue. The image
/// decides: what it calls and the catalogue doesn't list is unknown; what the catalogue lists and it
/// doesn't call has been compiled away, and its row stays, marked as the catalogue's.
public struct LedgerAuditor {
  let catalog: OperationCatalog
  let image: (any CallWitness)?

  /// - Parameter image: the recorded kernel's, where it is at hand.
  public init(_ catalog: OperationCatalog, image: (any CallWitness)? = nil) {
    self.catalog = catalog
    self.image = image
  }

  /// Audits the stub that can stand in for a candidate's call; nil where there is none.
  public func audit(_ candidate: Candidate) -> LedgerAudit? {
    guard let leaf = candidate.leaf, candidate.kind != nil,
      let call = catalog.systemCalls[candidate.syscall],
      let target = catalog.target(leaf, moves: call.moves),
      let stub = catalog.stub(for: candidate.syscall, leaf: target)
    else { return nil }
    var walk = LedgerWalk(
      catalog: catalog, image: image, syscall: candidate.syscall, moves: call.moves,
      ledger: stub.ledger)
    let hops = candidate.hops.map(\.callee).filter { $0 != leaf }
    return walk.audit(skipping: candidate.trunk.map(\.function), hops)
  }
}
