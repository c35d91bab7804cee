import Profiler

/// Turns what was seen of call sites into candidates with a verdict.
struct CandidateMaker {
  let profile: ResolvedProfile
  let catalog: OperationCatalog
  let options: AnalysisOptions
  let total: Tally
  /// Whether most call sites are unknown because the application has no frame pointers.
  let isFrameless: Bool
  /// Whether the recording has system call entries only.
  let countsOnly: Bool

  /// Ranked by what they save, ties by id.
  func candidates(_ sites: [CallSiteProfile]) -> [Candidate] {
    // Static functions may share a name: those keep the order of their first sample.
    let ordered = sites.sorted {
      (label($0), $0.key.site.order) < (label($1), $1.key.site.order)
    }
    var used: [String: Int] = [:]
    let made = ordered.map { site in
      let base = label(site)
      used[base, default: 0] += 1
      let count = used[base] ?? 1
      return candidate(site, id: count == 1 ? base : "\(base).\(count)")
    }
    return made.sorted {
      ($1.saves.hops.weight + $1.saves.transition.weight, $1.samples, $1.calls ?? 0, $0.id)
        < ($0.saves.hops.weight + $0.saves.transition.weight, $0.samples, $0.calls ?? 0, $1.id)
    }
  }

  private func label(_ site: CallSiteProfile) -> String {
    "\(place(site.key.site).shown).\(site.key.syscall)"
  }

  private func place(_ site: CallPath.Site) -> Candidate.Site {
    switch site {
    case .function(let id):
      let function = profile.functions[id.index]
      return Candidate.Site(
        function: function.name.isEmpty ? function.symbol : function.name,
        symbol: function.symbol, file: nil, line: nil)
    case .address(let location):
      let image = profile.images[Int(profile.locations.image[location.index])]
      let name = image.drop { $0 == "[" }.prefix { $0 != "]" }
      let offset = String(profile.locations.address[location.index], radix: 16)
      return Candidate.Site(function: nil, symbol: "\(name)+0x\(offset)", file: nil, line: nil)
    case .unknown: return Candidate.Site(function: nil, symbol: nil, file: nil, line: nil)
    }
  }

  private func candidate(_ site: CallSiteProfile, id: String) -> Candidate {
    let leaves = LeafCount(site, profile: profile, catalog: catalog)
    let call = catalog.systemCalls[site.key.syscall]
    let moves = call?.moves ?? ""
    let target = leaves.main.flatMap { catalog.target($0, moves: moves) }
    let stub = target.flatMap { catalog.stub(for: site.key.syscall, leaf: $0) }
    let trunk = site.trunk.map { profile.functions[$0.function.index].symbol }
    let hops = leaves.main.map {
      HopDiscovery(catalog: catalog).hops(trunk: trunk, leaf: $0, moves: moves)
    }
    let saves = savings(site, call, target)
    let (verdict, why) = Judge(
      site: site, place: place(site.key.site), leaves: leaves, call: call, stub: stub,
      family: target?.family.flatMap { catalog.families[$0] }, saves: saves,
      low: lowerBound(site, saves), options: options, isFrameless: isFrameless,
      countsOnly: countsOnly
    ).verdict
    return Candidate(
      id: id, syscall: site.key.syscall, wrapper: wrapper(site), site: place(site.key.site),
      leaf: leaves.main, leaves: leaves.samples, samples: site.inside.samples,
      share: rounded(Double(site.inside.weight) / Double(max(total.weight, 1))), calls: site.calls,
      descriptors: .init(site.arguments.descriptors.map { (Int64($0.key), $0.value) }),
      sizes: .init(site.arguments.sizes.map { (Int64(clamping: $0.key), $0.value) }),
      monomorphic: leaves.samples.count == 1, monomorphicLowerBound95: rounded(leaves.lowerBound),
      trunk: site.trunk.map(entry), hops: hops ?? [], saves: saves, verdict: verdict, why: why,
      stub: verdict == .shortcut ? stubKind(site, leaves)?.name : nil, ledger: stub?.ledger ?? [])
  }

  private func stubKind(_ site: CallSiteProfile, _ leaves: LeafCount) -> StubKind? {
    leaves.main.flatMap { StubKind.leading(to: $0, from: site.key.syscall) }
  }

  private func entry(_ frame: CallSiteProfile.TrunkFrame) -> Candidate.TrunkEntry {
    Candidate.TrunkEntry(
      function: profile.functions[frame.function.index].symbol, self: frame.own.weight,
      inclusive: frame.inclusive.weight)
  }

  private func wrapper(_ site: CallSiteProfile) -> String? {
    let main = site.wrappers.max { ($0.value.weight, $1.key) < ($1.value.weight, $0.key) }
    guard let function = main.map({ profile.functions[$0.key.index] }),
      function.origin == .application
    else { return nil }
    return function.symbol
  }

  /// What the stub spends in the skipped frames' place, and the mode switches in the entry's, is
  /// subtracted in the measured proportion. A call that no stub can stand in for saves nothing,
  /// and of a recording that only counts calls nothing is known.
  private func savings(
    _ site: CallSiteProfile, _ call: OperationCatalog.SystemCall?, _ leaf: OperationCatalog.Target?
  ) -> Candidate.Savings {
    let isHopeless = call?.stub == false || countsOnly
    let kept = isHopeless ? 0 : catalog.keptByStub(of: leaf, moves: call?.moves ?? "")
    return Candidate.Savings(
      hops: Saving(site.skipped, of: total, kept: kept),
      transition: Saving(
        site.transition, of: total, kept: countsOnly ? 0 : catalog.keptByDirectCall))
  }

  /// Lower end of the 95 % interval of both savings together.
  private func lowerBound(_ site: CallSiteProfile, _ saves: Candidate.Savings) -> Double {
    var both = site.skipped
    both.add(site.transition)
    guard both.weight > 0 else { return 0 }
    let kept = (saves.hops.weight + saves.transition.weight) / Double(both.weight)
    return Saving(both, of: total, kept: kept).low95
  }
}

extension CallPath.Site {
  /// Orders sites of one kind by their first appearance in the recording.
  fileprivate var order: Int {
    switch self {
    case .function(let id): id.index
    case .address(let location): location.index
    case .unknown: 0
    }
  }
}
