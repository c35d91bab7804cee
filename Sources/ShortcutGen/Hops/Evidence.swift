/// What one recording shows, or several together.
public struct Evidence: Sendable {
  /// What was analysed in the first.
  public let groups: ThreadGroups
  private var order: [String]
  private var sites: [String: SiteEvidence] = [:]
  private var context: SavingContext
  private let frameless: Double
  private let countsOnly: Bool
  private let advice: [Advice]
  private var notes: [String]
  /// By call site, what each recording shows.
  private var seen: [String: [SeenIn]] = [:]
  private var count = 1

  init(
    _ sites: [SiteEvidence], _ groups: ThreadGroups, context: SavingContext, frameless: Double,
    countsOnly: Bool, advice: [Advice], notes: [String]
  ) {
    self.groups = groups
    self.context = context
    self.frameless = frameless
    self.countsOnly = countsOnly
    self.advice = advice
    self.notes = notes
    let identified = sites.identified
    order = identified.map(\.id)
    for (id, site) in identified {
      self.sites[id] = site
      seen[id] = [SeenIn(0, site)]
    }
  }

  /// Number of samples of what was analysed.
  public var samples: UInt64 { context.total.samples }

  /// Adds what another recording shows, and the call sites that only it has. One without a call site
  /// in common is of another program, and says nothing.
  ///
  /// - Parameters:
  ///   - weighs: whether its samples are of the same load on the same kernel, so that they count for
  ///     what is saved; else it is taken only for where calls end.
  ///   - name: of the recording, for notes.
  public mutating func add(_ other: Evidence, weighs: Bool, name: String) {
    defer { count += 1 }
    // Sites that nobody knows are the same only in recordings of one load.
    let known = other.order.compactMap { id in other.sites[id].map { (id: id, site: $0) } }
      .filter { weighs || !$0.site.isUnknown }
    guard weighs || known.contains(where: { sites[$0.id] != nil }) else {
      notes.append("\(name) has no call site in common with the first recording: it says nothing")
      return
    }
    var added: UInt64 = 0
    for (id, site) in known {
      if sites[id] == nil {
        sites[id] = SiteEvidence(unseen: site)
        order.append(id)
        added += 1
      }
      sites[id]?.add(site, weighs: weighs)
      seen[id, default: []].append(SeenIn(count, site))
    }
    if weighs { context.add(other.context) }
    if added > 0 {
      notes.append("\(counted(added, "call site")) only in \(name)")
    }
  }

  private func maker(_ catalog: OperationCatalog, _ options: AnalysisOptions) -> CandidateMaker {
    CandidateMaker(
      catalog: catalog, options: options, context: context,
      isFrameless: frameless > 0.5 && options.hasCallchains, countsOnly: countsOnly, seen: seen)
  }

  /// Call sites that have samples here and, for as many of everything, next to none in a later
  /// recording: a handful is left over from stacks that don't belong together.
  public func sitesGone(in later: Evidence) -> [String] {
    let scale = Double(samples) / Double(max(later.samples, 1))
    return order.filter { id in
      let now = Double(later.sites[id]?.inside.samples ?? 0) * scale
      let before = sites[id]?.inside.samples ?? 0
      return before >= 20 && now * 20 < Double(before)
    }
  }

  /// Whether there is a call site of this id.
  public func hasSite(_ id: String) -> Bool { sites[id] != nil }

  /// What shortcuts at some call sites do together, by policy, the options' first.
  public func predictions(
    of ids: [String], _ catalog: OperationCatalog, _ options: AnalysisOptions
  ) -> [Prediction] {
    let wanted = ids.compactMap { id in sites[id].map { (id: id, site: $0) } }
    return maker(catalog, options).predictions(wanted)
  }

  /// What the predicted throughput takes for granted.
  public var basis: String { context.basis }

  /// What follows from it.
  public func analysis(_ catalog: OperationCatalog, _ options: AnalysisOptions) -> Analysis {
    let maker = maker(catalog, options)
    let known = order.compactMap { id in sites[id].map { (id: id, site: $0) } }
    let ranked = maker.rank(known)
    return Analysis(
      candidates: ranked.candidates, groups: groups, total: context.total,
      framelessShare: frameless, predictions: ranked.predictions,
      systemCalls: SystemCallLeaves.all(known.map(\.site), catalog), basis: context.basis,
      advice: advice, notes: notes)
  }
}

/// What one of several recordings shows of a call site.
public struct SeenIn: Sendable, Codable, Equatable {
  /// Index of the recording.
  public let recording: Int
  /// Samples inside the call.
  public let samples: UInt64
  /// Samples by leaf.
  public let leaves: [String: UInt64]
  /// Calls, where it counts them.
  @ExplicitNull public var calls: UInt64?

  init(_ recording: Int, _ site: SiteEvidence) {
    self.recording = recording
    (samples, leaves, calls) = (site.inside.samples, site.leaves, site.counted?.calls)
  }
}

/// Where a system call ends, from whichever call site.
public struct SystemCallLeaves: Sendable, Codable, Equatable {
  /// The system call.
  public let syscall: String
  /// Number of call sites.
  public let sites: Int
  /// Samples inside it.
  public let samples: UInt64
  /// Calls, where the recording counts them.
  @ExplicitNull public var calls: UInt64?
  /// Of these calls, those on descriptors whose samples at their call site all show the same leaf, by
  /// that leaf; nothing where the recording doesn't say.
  public let callsByLeaf: [String: UInt64]?
  /// Samples by leaf.
  public let leaves: [String: UInt64]
  /// Whether all samples that show a leaf show the same.
  public let monomorphic: Bool
  /// The share of its traffic that ends in the most frequent leaf at least, with 95 % confidence.
  public let monomorphicLowerBound95: Double

  /// By name.
  static func all(_ sites: [SiteEvidence], _ catalog: OperationCatalog) -> [SystemCallLeaves] {
    Dictionary(grouping: sites, by: \.syscall).sorted { $0.key < $1.key }.map { syscall, sites in
      let moves = catalog.systemCalls[syscall]?.moves ?? ""
      let leaves = LeafCount(sites, moves: moves, catalog: catalog)
      let counted = sites.compactMap { $0.counted ?? $0.otherCounted }
      let byLeaf = counted.compactMap { $0.byLeaf(leaves) }
      return SystemCallLeaves(
        syscall: syscall, sites: sites.count,
        samples: sites.reduce(0) { $0 + $1.inside.samples },
        calls: counted.isEmpty ? nil : counted.map(\.calls).reduce(0, &+),
        callsByLeaf: byLeaf.isEmpty
          ? nil : byLeaf.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: &+) },
        leaves: leaves.samples,
        monomorphic: leaves.samples.count == 1,
        monomorphicLowerBound95: rounded(leaves.lowerBound))
    }
  }
}
