import Profiler

/// The leaves of a call site as they count.
struct LeafCount {
  /// Samples by symbol.
  let samples: [String: UInt64]
  /// The leaf of most samples.
  let main: String?
  /// One-sided 95 % lower bound of the main leaf's share.
  let lowerBound: Double
  /// The heaviest function in no list, where it takes so much of the site that it may be another
  /// leaf: then nobody can say that there is only one.
  let unknown: (symbol: String, samples: UInt64)?

  /// Fewer samples in a function than this say nothing.
  private static let leastSamples: UInt64 = 5
  /// Nor does a smaller share of the samples that show a leaf: 1 in this many.
  private static let leastShare: UInt64 = 20

  init(_ site: CallSiteProfile, profile: ResolvedProfile, catalog: OperationCatalog) {
    let moves = catalog.systemCalls[site.key.syscall]?.moves ?? ""
    func symbol(_ id: FunctionID) -> String { profile.functions[id.index].symbol }
    var counts: [String: UInt64] = [:]
    for (leaf, tally) in site.leaves {
      counts[KernelEntry.plain(symbol(leaf.function)), default: 0] += tally.samples
    }
    for leaf in counts.keys.sorted() {
      let hiders = catalog.target(leaf, moves: moves)?.behind.filter { counts[$0] != nil } ?? []
      guard hiders.count == 1, let count = counts.removeValue(forKey: leaf) else { continue }
      counts[hiders[0], default: 0] += count
    }
    let trials = counts.values.reduce(0, +)
    samples = counts
    main = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    lowerBound = Binomial.lowerBound(
      hits: main.flatMap { counts[$0] } ?? 0, of: trials, alpha: 0.05)
    let heaviest = site.unlisted.max { ($0.value.samples, $1.key) < ($1.value.samples, $0.key) }
    unknown = heaviest.flatMap { id, tally in
      let isHeavy =
        tally.samples >= Self.leastSamples && tally.samples * Self.leastShare >= trials
      return isHeavy ? (symbol(id), tally.samples) : nil
    }
  }
}
