/// What the samples of one call site say of a shortcut's savings.
struct SiteCost: Sendable {
  /// Trunk functions themselves, and helpers that every stub does without.
  let skipped: Tally
  /// Helpers that are side effects.
  let effects: [SideEffect: Tally]
  /// Helpers that every generated stub calls.
  let helpers: Tally
  /// Entry and exit code.
  let transition: Tally
  /// Whether a stub can take the trunk's place.
  let hasHops: Bool
  /// Instructions a call in `skipped`, as measured on Linux 6.1.
  let instructions: Double
  /// How many calls the samples are of, where that is known.
  let calls: UInt64?
}

/// What else was recorded.
struct SavingContext: Sendable {
  /// The analysed thread group.
  var total = Tally()
  /// Entry and exit code of all its system calls.
  var transition = Tally()
  /// Those of them whose call site can't be told.
  var homeless = Tally()
  /// All processes; nil where only one was recorded.
  var machine: Tally?
  /// The idle tasks among them.
  var idle = Tally()
  /// Whether server, load and everything else share one CPU.
  var isOneCPU = false
  /// What one unit of weight stands for, in the event's unit.
  var unitsPerWeight = 1.0
  /// Whether that unit is instructions.
  var countsInstructions = false

  /// Adds what another recording of the same load shows.
  mutating func add(_ other: SavingContext) {
    total.add(other.total)
    transition.add(other.transition)
    homeless.add(other.homeless)
    idle.add(other.idle)
    if let more = other.machine, machine != nil { machine?.add(more) } else { machine = nil }
    isOneCPU = isOneCPU && other.isOneCPU
  }

  /// What the predicted throughput takes for granted.
  var basis: String {
    guard let machine else {
      return "one process was recorded: its own time is taken to limit the load"
    }
    guard isOneCPU else {
      return "on several CPUs the analysed process is taken to limit the load"
    }
    let share = Double(idle.weight) / Double(max(machine.weight, 1))
    return "the analysed process shares one CPU with everything else that was recorded"
      + (share < 0.02
        ? "" : ", which idled for \(percent(share)): the load may not need more of it")
  }

  /// Instructions that one unit of weight stands for, where the recording counts instructions.
  var instructionsPerWeight: Double? { countsInstructions ? unitsPerWeight : nil }
}

/// Sums that say what shortcuts at some call sites save, for the recording at hand or one drawn like
/// it.
struct SavingModel {
  private let sites: [SiteCost]
  private let context: SavingContext
  private let catalog: OperationCatalog
  private let tallies: [Tally]

  private static let effects = SideEffect.allCases.sorted()
  /// Cells of a site: what is skipped, helpers, entry and exit, and each side effect.
  private static let width = 3 + effects.count

  init(_ sites: [SiteCost], _ context: SavingContext, _ catalog: OperationCatalog) {
    self.sites = sites
    self.context = context
    self.catalog = catalog
    var cells: [Tally] = []
    var known = Tally()
    var own = Tally()
    for site in sites {
      let parts =
        [site.skipped, site.helpers, site.transition]
        + SavingModel.effects.map { site.effects[$0] ?? Tally() }
      cells += parts
      for part in parts { own.add(part) }
      known.add(site.transition)
    }
    let others = context.transition.without(context.homeless).without(known)
    let group = context.total
    cells += [context.homeless, others]
    cells.append(group.without(own).without(context.homeless).without(others))
    if let machine = context.machine {
      cells += [machine.without(group).without(context.idle), context.idle]
    }
    tallies = cells
  }

  /// What is saved, in the recording's weight.
  struct Amounts {
    /// What is skipped of the trunk, before the stub's own cost is subtracted.
    var skipped = 0.0
    /// The stub's own cost.
    var stub = 0.0
    /// What is skipped of entry and exit code.
    var entry = 0.0
    /// Switching modes in its place.
    var switches = 0.0
    /// Everything analysed.
    var group = 0.0
    /// Everything the CPUs did.
    var busy = 0.0

    var hops: Double { skipped - stub }
    var transition: Double { entry - switches }
    var total: Double { hops + transition }
  }

  private func amounts(_ weights: [Double], _ policy: SavingPolicy) -> Amounts {
    var out = Amounts()
    let shared = sites.count * SavingModel.width
    let (homeless, others) = (weights[shared], weights[shared + 1])
    let known = sites.indices.reduce(others) { $0 + weights[$1 * SavingModel.width + 2] }
    for (index, site) in sites.enumerated() {
      let cells = weights[index * SavingModel.width..<(index + 1) * SavingModel.width]
      add(site, Array(cells), policy, homeless: known > 0 ? homeless / known : 0, to: &out)
    }
    out.group = weights[..<min(shared + 3, weights.count)].reduce(0, +)
    out.busy = out.group + (weights.count > shared + 3 ? weights[shared + 3] : 0)
    return out
  }

  /// - Parameter homeless: entry code that nobody knows the call of, for each that somebody does.
  private func add(
    _ site: SiteCost, _ cells: [Double], _ policy: SavingPolicy, homeless: Double,
    to out: inout Amounts
  ) {
    let calls = context.instructionsPerWeight.flatMap { scale in
      site.calls.map { Double($0) / scale }
    }
    let entry = cells[2] * (1 + homeless)
    out.entry += entry
    out.switches +=
      calls.map { $0 * catalog.spentBySwitching } ?? entry * (1 - catalog.keptByDirectCall)
    guard site.hasHops else { return }
    var skipped = cells[0] + (policy.keepsHelpers ? 0 : cells[1])
    for (index, effect) in SavingModel.effects.enumerated() where !policy.keeps(effect) {
      skipped += cells[3 + index]
    }
    let spent = catalog.spentByStub(policy)
    out.skipped += skipped
    out.stub += calls.map { $0 * spent } ?? cells[0] * spent / site.instructions
  }

  /// What the recording at hand says.
  func amounts(_ policy: SavingPolicy) -> Amounts {
    amounts(tallies.map { Double($0.weight) }, policy)
  }

  /// What recordings drawn like it say, for each policy.
  func drawn(_ policies: [SavingPolicy]) -> [[Amounts]] {
    var out = policies.map { _ in [Amounts]() }
    Resampling(tallies).each { weights in
      for (index, policy) in policies.enumerated() {
        out[index].append(amounts(weights, policy))
      }
    }
    return out
  }

  /// The interval of a share that is a sum of samples: of drawn recordings, and the exact bound where
  /// no sample was seen, because drawing can't find what isn't there.
  func interval(
    _ drawn: [Amounts], seen amounts: Amounts, _ share: (Amounts) -> Double
  ) -> (low: Double, high: Double) {
    guard amounts.skipped + amounts.entry > 0 else {
      let bound = Binomial.upperBound(hits: 0, of: context.total.samples, alpha: 0.025)
      return (0, bound)
    }
    return drawn.map(share).middle95
  }
}

// What the report says.
extension SavingModel {
  /// Savings of the sites by policy, in the order of the policies.
  func savings(_ policies: [SavingPolicy]) -> [PolicySavings] {
    let drawn = drawn(policies)
    return policies.indices.map { index in
      let (amounts, drawn) = (amounts(policies[index]), drawn[index])
      func saving(
        _ weight: (Amounts) -> Double, _ cost: Double, isEmpty: Bool
      ) -> Saving {
        var part = amounts
        if isEmpty { (part.skipped, part.entry) = (0, 0) }
        return Saving(
          weight: weight(amounts), stubCost: cost, of: amounts.group,
          interval(drawn, seen: part) { $0.group > 0 ? weight($0) / $0.group : 0 })
      }
      let hasHops = sites.contains { $0.hasHops }
      return PolicySavings(
        policy: policies[index].description,
        hops: hasHops ? saving(\.hops, amounts.stub, isEmpty: amounts.skipped == 0) : .none,
        transition: saving(\.transition, amounts.switches, isEmpty: amounts.entry == 0),
        total: saving(\.total, amounts.stub + amounts.switches, isEmpty: false))
    }
  }

  /// What the sites' shortcuts do for the whole load, by policy.
  func predictions(_ policies: [SavingPolicy]) -> [Prediction] {
    guard !sites.isEmpty else { return [] }
    let drawn = drawn(policies)
    return policies.indices.map { index in
      let (amounts, drawn) = (amounts(policies[index]), drawn[index])
      func estimate(_ value: (Amounts) -> Double) -> Estimate {
        Estimate(value(amounts), interval(drawn, seen: amounts, value))
      }
      return Prediction(
        policy: policies[index].description, share: estimate { $0.total / max($0.group, 1) },
        machine: context.machine == nil ? nil : estimate { $0.total / max($0.busy, 1) },
        throughput: estimate(gain))
    }
  }

  /// Work that takes `1 - s` of the time is done `1 / (1 - s)` times as often. On one CPU the time is
  /// everybody's; else it is taken to be the application's own that limits the load.
  private func gain(_ amounts: Amounts) -> Double {
    let share = amounts.total / max(context.isOneCPU ? amounts.busy : amounts.group, 1)
    return share < 1 ? share / (1 - share) : 0
  }
}
