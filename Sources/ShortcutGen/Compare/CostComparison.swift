public import Profiler

/// One of two recordings of the same load, resolved.
public struct ComparedRecording {
  /// The recording.
  public let profile: ResolvedProfile
  /// Its weighed samples, of all processes.
  public let rows: [WeightedStack]
  /// The analysed processes.
  public let selected: Set<Int32>
  /// What a sample counts.
  public let weighting: Weighting

  /// Describes a recording.
  public init(
    _ profile: ResolvedProfile, rows: [WeightedStack], selected: Set<Int32>, weighting: Weighting
  ) {
    self.profile = profile
    self.rows = rows
    self.selected = selected
    self.weighting = weighting
  }
}

/// What a part of the time, or a function, cost each request before and after. Both are shares of the
/// whole time before, idling left out: what two recordings' shares are of differs, a request doesn't.
public struct CostChange: Sendable, Encodable, Equatable {
  /// The part, or the function's symbol.
  public let name: String
  /// Samples before.
  public let samplesBefore: UInt64
  /// Samples after.
  public let samplesAfter: UInt64
  /// Before, for each request.
  public let before: Double
  /// After, for each request.
  public let after: Double
  /// What was gained: before less after.
  public let gained: Estimate
}

/// Where two recordings of the same load differ.
///
/// A sample is counted by its innermost function and by what its stack says it is for. Stacks are not
/// compared path by path: once a call site has a shortcut, its kernel part is the leaf alone, and the
/// recorded application part is left over from the last real system call.
public struct CostComparison {
  /// By part.
  public private(set) var parts: [CostChange] = []
  /// By function of the analysed process, those that changed most first.
  public private(set) var functions: [CostChange] = []

  private struct Sums {
    var parts: [CostPart: Tally] = [:]
    var functions: [String: Tally] = [:]
    var busy = Tally()
  }

  /// - Parameters:
  ///   - sites: call sites that have a shortcut afterwards, ids as in `shortcuts.json`.
  ///   - timeRatio: time for a request after, of that before.
  ///   - isNew: whether only the kernel afterwards has a function of this symbol.
  public init(
    _ before: ComparedRecording, _ after: ComparedRecording, sites: Set<String>,
    timeRatio: Double, catalog: OperationCatalog, isNew: (String) -> Bool
  ) {
    let old = CostComparison.sums(before, sites, catalog) { _ in false }
    let new = CostComparison.sums(after, sites, catalog, isNew)
    func change(_ name: String, _ b: Tally, _ a: Tally) -> CostChange {
      let (x, dx) = CostComparison.share(b, of: old.busy)
      let (y, dy) = CostComparison.share(a, of: new.busy)
      let gained = x - y * timeRatio
      let error = 1.96 * (dx * dx + dy * dy * timeRatio * timeRatio).squareRoot()
      return CostChange(
        name: name, samplesBefore: b.samples, samplesAfter: a.samples, before: rounded(x),
        after: rounded(y * timeRatio), gained: Estimate(gained, (gained - error, gained + error)))
    }
    parts = CostPart.allCases.compactMap { part in
      let (b, a) = (old.parts[part] ?? Tally(), new.parts[part] ?? Tally())
      return b.samples + a.samples > 0 ? change(part.rawValue, b, a) : nil
    }
    functions = Set(old.functions.keys).union(new.functions.keys).map { name in
      change(name, old.functions[name] ?? Tally(), new.functions[name] ?? Tally())
    }.sorted {
      (abs($1.gained.value), $0.name) < (abs($0.gained.value), $1.name)
    }
  }

  private static func sums(
    _ side: ComparedRecording, _ sites: Set<String>, _ catalog: OperationCatalog,
    _ isNew: (String) -> Bool
  ) -> Sums {
    let profile = side.profile
    var finder = CostPartFinder(
      profile, catalog,
      isSite: { site, syscall in
        sites.contains("\(Candidate.Site(site, profile).shown).\(syscall)")
      }, isNew: isNew)
    var sums = Sums()
    for row in side.rows where row.pid != 0 {
      let isOwn = side.selected.contains(row.pid)
      let part = finder.part(of: row.stack, isOwn: isOwn)
      let weight = row.weight(side.weighting)
      sums.busy.add(row.samples, weight)
      sums.parts[part, default: Tally()].add(row.samples, weight)
      guard isOwn, let innermost = profile.stacks[row.stack].last else { continue }
      let symbol = profile.function(innermost).symbol
      sums.functions[symbol, default: Tally()].add(row.samples, weight)
    }
    return sums
  }

  /// A share and its standard error.
  private static func share(_ tally: Tally, of whole: Tally) -> (Double, Double) {
    let share = Double(tally.weight) / Double(max(whole.weight, 1))
    let observed = Double(tally.samples) / Double(max(whole.samples, 1))
    guard observed > 0 else { return (0, 0) }
    let error = (observed * (1 - observed) / Double(whole.samples)).squareRoot()
    return (share, error * share / observed)
  }
}
