public import Profiler

/// The result of looking at one recording, or several: what `report.md` and `shortcuts.json` say.
public struct Analysis: Sendable {
  /// Ranked by what they save, ties by id.
  public let candidates: [Candidate]
  /// What was analysed and what else was recorded.
  public let groups: ThreadGroups
  /// Weight and samples of what was analysed.
  public let total: Tally
  /// Share of the analysed stacks whose application part ends behind the wrapper: the application
  /// has no frame pointers.
  public let framelessShare: Double
  /// What all shortcuts do together, under each policy; the report's first.
  public let predictions: [Prediction]
  /// Where each system call ends, all call sites together.
  public let systemCalls: [SystemCallLeaves]
  /// What the predicted throughput takes for granted.
  public let basis: String
  /// What the other options of UKL would save.
  public let advice: [Advice]
  /// One line each: what the reader should know.
  public let notes: [String]
}

/// Settings of an analysis.
public struct AnalysisOptions: Sendable {
  /// What to analyse.
  public var selection = Selection.automatic
  /// What a sample counts.
  public var weighting = Weighting.samples
  /// A candidate whose savings' lower bound is a smaller share of the thread group is `small`.
  public var minimumSaving = 0.001
  /// A site is taken for monomorphic only if its lower bound reaches this.
  public var minimumMonomorphicBound = 0.9
  /// Whether samples of the event were taken with call chains.
  public var hasCallchains = true
  /// What a shortcut skips and keeps.
  public var policy = SavingPolicy.stub(.faithful)
  /// Number of calls by candidate id, where the user knows what the recording doesn't.
  public var calls: [String: UInt64] = [:]
  /// What the event counts; nil where it is no cost.
  public var unit: CostUnit?
  /// What is known of the analysed processes' threads and children.
  public var tasks: @Sendable (Set<Int32>) -> TaskFacts = { _ in TaskFacts() }
  /// CPUs of the recorded machine, where the recording says it.
  public var cpus: Int?

  /// The defaults.
  public init() {}
}

/// What an event counts.
public struct CostUnit: Sendable, Equatable {
  /// `instructions`, `ns`, `cycles`.
  public let name: String
  /// How many of them one event is: 0.5 where a clock of nanoseconds advances by two an instruction.
  public let perEvent: Double

  /// Describes a unit.
  public init(name: String, perEvent: Double = 1) {
    self.name = name
    self.perEvent = perEvent
  }
}

/// Analyses a profile: which call sites end in one leaf, what stands between, what it costs.
public struct Analyzer {
  private let profile: ResolvedProfile
  private let catalog: OperationCatalog
  private let options: AnalysisOptions

  /// Prepares an analysis.
  public init(_ profile: ResolvedProfile, catalog: OperationCatalog, options: AnalysisOptions) {
    self.profile = profile
    self.catalog = catalog
    self.options = options
  }

  /// What this recording shows, before anything is concluded from it.
  ///
  /// - Parameters:
  ///   - events: those whose samples are weighed.
  ///   - tracepoint: the system call whose entry an event counts, for `syscalls:sys_enter_*`.
  ///   - witness: the kernel's image; the catalogue is asked where it says nothing.
  public func evidence(
    events: Set<Int>, tracepoint: (Int) -> String?,
    witness: (any HopWitness)? = nil
  ) throws(AnalysisError) -> Evidence {
    let weighed = profile.rows.filter { events.contains($0.event) }
    var focus = profile
    focus.keepRows(weighed)
    let groups = try ThreadGroups(
      focus, weighting: options.weighting, selection: options.selection)
    var sites = CallSiteProfiles(profile, catalog: catalog, witness: witness)
    let own = weighed.filter { groups.selected.contains($0.pid) }
    sites.addSamples(own, weighting: options.weighting, syscallOf: tracepoint)
    sites.addCalls(
      profile.rows.filter { groups.selected.contains($0.pid) }, syscallOf: tracepoint)
    let frameless = framelessShare(own)
    let named = sites.sites.values.map { site in
      SiteEvidence(site, profile) {
        witness?.deepCall(from: $0, to: $1) ?? catalog.deepCall(from: $0, to: $1)
      }
    }
    // Of calls that were counted nobody knows how long they took.
    let countsOnly = events.allSatisfy { tracepoint($0) != nil }
    return Evidence(
      named, groups, context: context(sites, weighed, own), frameless: frameless,
      countsOnly: countsOnly,
      advice: countsOnly ? [] : AdviceMaker(profile, own: own, sites, groups, options).advice,
      notes: notes(sites, frameless, groups))
  }

  /// What savings are measured against.
  private func context(
    _ sites: CallSiteProfiles, _ weighed: [WeightedStack], _ own: [WeightedStack]
  ) -> SavingContext {
    var context = SavingContext()
    (context.total, context.transition) = (sites.total, sites.transition)
    context.homeless = sites.homelessTransition
    var (machine, idle) = (Tally(), Tally())
    for row in weighed {
      machine.add(row.samples, row.weight(options.weighting))
      if row.pid == 0 { idle.add(row.samples, row.weight(options.weighting)) }
    }
    if machine.samples > sites.total.samples { context.machine = machine }
    context.idle = idle
    context.isOneCPU = options.cpus == 1 && context.machine != nil
    if let unit = options.unit, sites.total.weight > 0 {
      let events = own.reduce(0) { $0 + Double($1.period) }
      context.unitsPerWeight = events * unit.perEvent / Double(sites.total.weight)
      context.countsInstructions = unit.name == "instructions"
    }
    return context
  }

  /// Of the stacks inside a system call, the share that ends with the wrapper.
  private func framelessShare(_ rows: [WeightedStack]) -> Double {
    var (cut, whole) = (UInt64(0), UInt64(0))
    var finder = CallPathFinder(profile, catalog: catalog)
    for row in rows {
      guard let path = finder.path(of: row.stack), path.syscall != nil else { continue }
      if path.site == .unknown { cut += row.samples } else { whole += row.samples }
    }
    return cut + whole == 0 ? 0 : Double(cut) / Double(cut + whole)
  }

  private func notes(
    _ sites: CallSiteProfiles, _ frameless: Double, _ groups: ThreadGroups
  ) -> [String] {
    var notes: [String] = []
    if !options.hasCallchains {
      notes.append(
        "call sites can't be known: the event was recorded without call chains (perf record -g)")
    } else if frameless > 0.5 {
      notes.append(
        "call sites can't be known: in \(percent(frameless)) of the samples inside a system call "
          + "what stands behind the wrapper is no code, because the "
          + (groups.isUKL ? "application" : "libc or the application") + " was built without frame "
          + "pointers; build it with -fno-omit-frame-pointer and record again. Below, calls are "
          + "ranked by wrapper only")
    } else if sites.sites.isEmpty {
      notes.append(
        "no stack of it goes from the application through a known system call entry into the "
          + "kernel: are these the recorded kernel's symbols, and user call chains recorded?")
    }
    if sites.homelessTransition.samples > 0 {
      notes.append(
        "\(counted(sites.homelessTransition.samples, "sample")) in entry or exit code can't be given to one "
          + "call site")
    }
    return notes
  }
}

/// A count with its noun: `1 sample`, `2 samples`.
func counted(_ count: UInt64, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

/// A share as people read it.
func percent(_ share: Double) -> String {
  let hundredths = Int((abs(share) * 10_000).rounded())
  let sign = share < 0 && hundredths > 0 ? "−" : ""
  let rest = hundredths % 100
  return "\(sign)\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
}

/// A change of a share as people read it, its sign shown.
func signedPercent(_ share: Double) -> String {
  (share * 10_000).rounded() > 0 ? "+\(percent(share))" : percent(share)
}
