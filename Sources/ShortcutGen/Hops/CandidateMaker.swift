/// Turns what was seen of call sites into candidates with a verdict.
struct CandidateMaker {
  let catalog: OperationCatalog
  let options: AnalysisOptions
  let context: SavingContext
  /// Whether most call sites are unknown because the application has no frame pointers.
  let isFrameless: Bool
  /// Whether the recording has system call entries only.
  let countsOnly: Bool
  /// By call site, what each recording shows.
  let seen: [String: [SeenIn]]

  /// Candidates ranked by what they save, ties by id, and what their shortcuts do together.
  func rank(
    _ sites: [(id: String, site: SiteEvidence)]
  ) -> (candidates: [Candidate], predictions: [Prediction]) {
    let made = sites.map { candidate($0.site, id: $0.id) }
    let ranked = made.map(\.candidate).sorted {
      ($1.saves.total.weight, $1.samples, $1.calls ?? 0, $0.id)
        < ($0.saves.total.weight, $0.samples, $0.calls ?? 0, $1.id)
    }
    let wanted = made.filter { $0.candidate.verdict == .shortcut }.map(\.cost)
    return (ranked, SavingModel(wanted, context, catalog).predictions(policies))
  }

  /// What shortcuts at some sites do together, whatever their verdict; by policy.
  func predictions(_ sites: [(id: String, site: SiteEvidence)]) -> [Prediction] {
    let costs = sites.map { candidate($0.site, id: $0.id).cost }
    return SavingModel(costs, context, catalog).predictions(policies)
  }

  /// The report's policy, and the others after it.
  private var policies: [SavingPolicy] {
    [options.policy] + SavingPolicy.all.filter { $0 != options.policy }
  }

  private func candidate(
    _ site: SiteEvidence, id: String
  ) -> (candidate: Candidate, cost: SiteCost) {
    let leaves = LeafCount(site, catalog: catalog)
    let call = catalog.systemCalls[site.syscall]
    let moves = call?.moves ?? ""
    let target = leaves.main.flatMap { catalog.target($0, moves: moves) }
    let stub = target.flatMap { catalog.stub(for: site.syscall, leaf: $0) }
    let trunk = site.trunk.map(\.function)
    let hops = leaves.main.map {
      HopDiscovery(catalog: catalog).hops(
        trunk: trunk, leaf: $0, at: site.places[$0], moves: moves)
    }
    let cost = cost(site, id: id, call, target)
    let saves = savings(cost, inside: site.inside)
    let (verdict, why) = Judge(
      site: site, leaves: leaves, call: call, stub: stub,
      family: target?.family.flatMap { catalog.families[$0] }, saves: saves,
      options: options, isFrameless: isFrameless,
      countsOnly: countsOnly
    ).verdict
    let counted = site.counted ?? site.otherCounted
    let made = Candidate(
      id: id, syscall: site.syscall, wrapper: wrapper(site), site: site.place,
      leaf: leaves.main, leaves: leaves.samples, seen: seen[id] ?? [],
      samples: site.inside.samples,
      share: rounded(Double(site.inside.weight) / Double(max(context.total.weight, 1))),
      calls: counted?.calls, descriptors: counted.flatMap { .init($0.byDescriptor(leaves)) },
      callsByLeaf: counted?.byLeaf(leaves), sizes: counted.flatMap { .init($0.bySize) },
      monomorphic: leaves.samples.count == 1, monomorphicLowerBound95: rounded(leaves.lowerBound),
      trunk: site.trunk.map(entry), hops: hops ?? [],
      behind: DeepHop.hops(site.deep), saves: saves, verdict: verdict, why: why,
      stub: verdict == .shortcut ? stubKind(site, leaves)?.name : nil, ledger: stub?.ledger ?? [])
    return (made, cost)
  }

  private func stubKind(_ site: SiteEvidence, _ leaves: LeafCount) -> StubKind? {
    leaves.main.flatMap { StubKind.leading(to: $0, from: site.syscall) }
  }

  private func entry(_ frame: SiteEvidence.Frame) -> Candidate.TrunkEntry {
    Candidate.TrunkEntry(
      function: frame.function, self: frame.own.weight, inclusive: frame.inclusive.weight)
  }

  /// The wrapper of most weight; nil where that is in no image with symbols.
  private func wrapper(_ site: SiteEvidence) -> String? {
    let main = site.wrappers.max { ($0.value.weight, $1.key) < ($1.value.weight, $0.key) }?.key
    return main.flatMap { $0.isEmpty ? nil : $0 }
  }
}

// What it saves.
extension CandidateMaker {
  /// A call that no stub can stand in for has no hops to skip, and of a recording that only counts
  /// calls nothing is known.
  private func cost(
    _ site: SiteEvidence, id: String, _ call: OperationCatalog.SystemCall?,
    _ leaf: OperationCatalog.Target?
  ) -> SiteCost {
    SiteCost(
      skipped: site.skipped, effects: site.effects, helpers: site.helpers,
      transition: site.transition, hasHops: call?.stub != false && !countsOnly,
      instructions: catalog.skippedByStub(
        of: leaf, call: call?.name ?? "", moves: call?.moves ?? ""),
      calls: options.calls[id] ?? site.counted?.calls)
  }

  private func savings(_ cost: SiteCost, inside: Tally) -> Candidate.Savings {
    let model = SavingModel([cost], context, catalog)
    let savings = countsOnly ? [] : model.savings(policies)
    return Candidate.Savings(
      hops: savings.first?.hops ?? .none, transition: savings.first?.transition ?? .none,
      total: savings.first?.total ?? .none, policies: savings,
      perCall: savings.first.flatMap { perCall(cost, model, $0, inside: inside) })
  }

  private func perCall(
    _ cost: SiteCost, _ model: SavingModel, _ savings: PolicySavings, inside: Tally
  ) -> PerCall? {
    guard let calls = cost.calls, calls > 0, let unit = options.unit, context.total.weight > 0
    else { return nil }
    let scale = context.unitsPerWeight / Double(calls)
    func each(_ saving: Saving) -> Estimate {
      let total = Double(context.total.weight)
      return Estimate(
        saving.weight * scale, (saving.low95 * total * scale, saving.high95 * total * scale))
    }
    let amounts = model.amounts(options.policy)
    return PerCall(
      calls: calls, unit: unit.name, inside: rounded(Double(inside.weight) * scale),
      skipped: rounded(amounts.skipped * scale), stub: rounded(amounts.stub * scale),
      hops: each(savings.hops), transition: each(savings.transition))
  }
}
