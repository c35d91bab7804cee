/// What is generated for the candidates with verdict `shortcut`: one stub for each kind, and the
/// call sites that use it.
public struct ShortcutPlan: Sendable {
  /// A stub and the candidates that share it.
  public struct Entry: Sendable {
    /// Which stub.
    public let kind: StubKind
    /// The call sites that use it, in the ranking's order.
    public let candidates: [Candidate]
  }

  /// Sorted by the stubs' names.
  public let entries: [Entry]

  /// What the stubs keep.
  public let policy: StubPolicy

  /// Collects the candidates that get a stub: those with verdict `shortcut`.
  public init(_ candidates: [Candidate], policy: StubPolicy = .faithful) {
    self.init(
      chosen: candidates.compactMap { candidate in
        candidate.verdict == .shortcut ? candidate.kind.map { ($0, candidate) } : nil
      }, policy)
  }

  /// Collects the candidates of these ids.
  ///
  /// - Throws: ``PlanError`` for an id that no candidate has, or one that can't get a stub.
  public init(
    _ candidates: [Candidate], selecting ids: [String], policy: StubPolicy = .faithful
  ) throws(PlanError) {
    var chosen: [(StubKind, Candidate)] = []
    for id in Set(ids).sorted() {
      guard let candidate = candidates.first(where: { $0.id == id }) else {
        throw .unknown(id: id, known: candidates.filter { $0.kind != nil }.map(\.id))
      }
      guard [.shortcut, .small].contains(candidate.verdict), let kind = candidate.kind else {
        throw .unfit(id: id, verdict: candidate.verdict, why: candidate.why)
      }
      chosen.append((kind, candidate))
    }
    let order = Dictionary(uniqueKeysWithValues: zip(candidates.map(\.id), candidates.indices))
    chosen.sort { (order[$0.1.id] ?? 0) < (order[$1.1.id] ?? 0) }
    self.init(chosen: chosen, policy)
  }

  /// Stubs of these kinds without a call site: to compile them, or to verify them.
  public init(kinds: [StubKind], policy: StubPolicy) {
    self.policy = policy
    entries = kinds.sorted { $0.name < $1.name }.map { Entry(kind: $0, candidates: []) }
  }

  private init(chosen: [(kind: StubKind, candidate: Candidate)], _ policy: StubPolicy) {
    self.policy = policy
    entries = StubKind.all.compactMap { kind in
      let users = chosen.filter { $0.kind == kind }.map(\.candidate)
      return users.isEmpty ? nil : Entry(kind: kind, candidates: users)
    }
  }

  /// Eight hex digits that stand for the stubs and their call sites: equal plans have equal ids.
  public var id: String {
    let stubs = entries.map {
      "\($0.kind.name):\($0.candidates.map(\.id).joined(separator: ","))"
    }
    let text = stubs + (policy == .faithful ? [] : ["\(policy)"])
    var hash: UInt32 = 0x811c_9dc5  // FNV-1a
    for byte in text.joined(separator: ";").utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// What the stub generator is asked for.
  public var stubs: [StubRequest] {
    entries.map { entry in
      var trunk: [String] = []
      for frame in entry.candidates.flatMap(\.trunk) where !trunk.contains(frame.function) {
        trunk.append(frame.function)
      }
      let evidence = entry.candidates.map(\.evidence)
      return StubRequest(
        kind: entry.kind, trunk: trunk,
        evidence: evidence.isEmpty ? ["\(entry.kind.name)(): asked for without one"] : evidence,
        planIDs: [id])
    }
  }

  /// What the application diff is asked for: sites whose function has a name.
  public var callSites: [(candidate: String, site: CallSite)] {
    entries.flatMap { entry in
      entry.candidates.compactMap { candidate in
        candidate.site.function.map { function in
          let site = CallSite(
            function: function, spellings: entry.kind.spellings,
            file: candidate.site.file, line: candidate.site.line, column: candidate.site.column)
          return (candidate.id, site)
        }
      }
    }
  }

  /// Candidates whose call can't be replaced because no function is known to make it.
  public var sitesWithoutFunction: [String] {
    entries.flatMap(\.candidates).filter { $0.site.function == nil }.map(\.id)
  }
}

extension Candidate {
  /// The stub that can stand in for its call, whether or not it is worth one.
  var kind: StubKind? { leaf.flatMap { StubKind.leading(to: $0, from: syscall) } }

  /// Who calls, how often, what share: one line.
  var evidence: String {
    let count = calls.map { ", \(counted($0, "call"))" } ?? ""
    return "\(site.function ?? site.symbol ?? "unknown") -> \(syscall) -> \(leaf ?? "unknown"): "
      + "\(counted(samples, "sample"))\(count), saves \(percent(saves.hops.share)) in hops and "
      + "\(percent(saves.transition.share)) in entry and exit"
  }
}
