public import Profiler

/// The result of looking at one recording: what `report.md` and `shortcuts.json` say.
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
  /// What the other options of UKL would save.
  public let advice: [Advice]
  /// One line each: what the reader should know.
  public let notes: [String]
}

/// What another option of UKL would save, as an entry of `shortcuts.json`.
public struct Advice: Sendable, Codable, Equatable {
  /// The option's name in the patch set.
  public let option: String
  /// Share of the analysed weight.
  public let share: Double
  /// What the share is made of, and what it leaves out.
  public let why: String
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

  /// The defaults.
  public init() {}
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

  /// - Parameters:
  ///   - events: those whose samples are weighed.
  ///   - tracepoint: the system call whose entry an event counts, for `syscalls:sys_enter_*`.
  public func analyze(
    events: Set<Int>, tracepoint: (Int) -> String?
  ) throws(AnalysisError) -> Analysis {
    let weighed = profile.rows.filter { events.contains($0.event) }
    var focus = profile
    focus.keepRows(weighed)
    let groups = try ThreadGroups(
      focus, weighting: options.weighting, selection: options.selection)
    var sites = CallSiteProfiles(profile, catalog: catalog)
    let own = weighed.filter { groups.selected.contains($0.pid) }
    sites.addSamples(own, weighting: options.weighting, syscallOf: tracepoint)
    sites.addCalls(
      profile.rows.filter { groups.selected.contains($0.pid) }, syscallOf: tracepoint)
    let frameless = framelessShare(own)
    let maker = CandidateMaker(
      profile: profile, catalog: catalog, options: options, total: sites.total,
      isFrameless: frameless > 0.5 && options.hasCallchains,
      countsOnly: events.allSatisfy { tracepoint($0) != nil })
    return Analysis(
      candidates: maker.candidates(Array(sites.sites.values)), groups: groups, total: sites.total,
      framelessShare: frameless, advice: advice(sites), notes: notes(sites, frameless, groups))
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

  private func advice(_ sites: CallSiteProfiles) -> [Advice] {
    let saving = Saving(sites.transition, of: sites.total)
    guard saving.weight > 0 else { return [] }
    return [
      Advice(
        option: "UKL_BYP", share: saving.share,
        why: "entry and exit code of all system calls, \(percent(saving.low95)) to "
          + "\(percent(saving.high95)); shortcuts skip their call sites' part of it already, and "
          + "what the scheduler does at the exit stays")
    ]
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
  let hundredths = (share * 10_000).rounded() / 100
  let whole = Int(hundredths)
  let rest = Int(((hundredths - Double(whole)) * 100).rounded())
  return "\(whole).\(rest < 10 ? "0" : "")\(rest) %"
}
