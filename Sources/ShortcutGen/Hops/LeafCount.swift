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
  /// The function as which each that was seen counts.
  private let names: [String: String]

  /// Fewer samples in a function than this say nothing.
  private static let leastSamples: UInt64 = 5
  /// Nor does a smaller share of the samples that show a leaf: 1 in this many.
  private static let leastShare: UInt64 = 20

  init(_ site: SiteEvidence, catalog: OperationCatalog) {
    self.init([site], moves: catalog.systemCalls[site.syscall]?.moves ?? "", catalog: catalog)
  }

  /// The leaves of several call sites together.
  init(_ sites: [SiteEvidence], moves: String, catalog: OperationCatalog) {
    var counts: [String: UInt64] = [:]
    var unlisted: [String: UInt64] = [:]
    for site in sites {
      for (leaf, count) in site.leaves { counts[leaf, default: 0] += count }
      for (name, tally) in site.unlisted { unlisted[name, default: 0] += tally.samples }
    }
    names = LeafCount.names(counts) { catalog.target($0, moves: moves)?.behind ?? [] }
    counts = LeafCount.merged(counts, names)
    let trials = counts.values.reduce(0, +)
    samples = counts
    main = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    lowerBound = Binomial.lowerBound(
      hits: main.flatMap { counts[$0] } ?? 0, of: trials, alpha: 0.05)
    let heaviest = unlisted.max { ($0.value, $1.key) < ($1.value, $0.key) }
    unknown = heaviest.flatMap { symbol, samples in
      let isHeavy = samples >= Self.leastSamples && samples * Self.leastShare >= trials
      return isHeavy ? (symbol, samples) : nil
    }
  }

  /// The same of fewer samples.
  func merged(_ counts: [String: UInt64]) -> [String: UInt64] { LeafCount.merged(counts, names) }

  private static func merged(
    _ counts: [String: UInt64], _ names: [String: String]
  ) -> [String: UInt64] {
    counts.reduce(into: [:]) { $0[names[$1.key] ?? $1.key, default: 0] += $1.value }
  }

  /// Counts a function that shows in its caller's place (a sibling call) as its caller, where only
  /// one that can be it was seen: `filemap_read` is `generic_file_read_iter`, that is
  /// `ext4_file_read_iter`.
  ///
  /// - Parameter callers: by catalogue, of a function.
  static func merged(
    _ counts: [String: UInt64], callers: (String) -> [String]
  ) -> [String: UInt64] {
    merged(counts, names(counts, callers: callers))
  }

  private static func names(
    _ counts: [String: UInt64], callers: (String) -> [String]
  ) -> [String: String] {
    func outermost(_ leaf: String, depth: Int = 0) -> String {
      let seen = callers(leaf).filter { counts[$0] != nil && $0 != leaf }
      let found = Set(seen.map { depth < 4 ? outermost($0, depth: depth + 1) : $0 })
      return found.count == 1 ? found.first ?? leaf : leaf
    }
    return counts.reduce(into: [:]) { $0[$1.key] = outermost($1.key) }
  }
}
