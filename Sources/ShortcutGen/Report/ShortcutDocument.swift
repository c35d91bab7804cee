public import Profiler

/// `shortcuts.json`, and what `report.md` is made from.
public struct ShortcutDocument: Sendable, Codable {
  /// What is said of the recording.
  public struct Recording: Sendable, Codable {
    /// As the user named it.
    public let file: String
    /// The recorded kernel, from the recording.
    @ExplicitNull public var kernel: String?
    /// The recorded kernel's build-id.
    @ExplicitNull public var buildID: String?
    /// The day on which it was made, `2026-11-28` in UTC; nil where nothing says.
    @ExplicitNull public var date: String?
    /// Thread group ids analysed.
    public let pids: [Int32]
    /// Their name.
    public let comm: String
    /// Their samples of the analysed events.
    public let samples: UInt64
    /// Everything else that was recorded: name and share of the recording.
    public let groups: [Group]

    /// A process and its share of everything recorded.
    public struct Group: Sendable, Codable {
      /// The name under which most of its samples were taken.
      public let comm: String
      /// Its id.
      public let pid: Int32
      /// Of all recorded weight.
      public let share: Double
      /// Whether it is analysed.
      public let analysed: Bool
    }
  }

  /// A recording beside the first.
  public struct Further: Sendable, Codable {
    /// As the user named it.
    public let file: String
    /// The recorded kernel, from the recording.
    @ExplicitNull public var kernel: String?
    /// The name of what was analysed.
    public let comm: String
    /// The event's name.
    public let event: String
    /// Samples of what was analysed.
    public let samples: UInt64
    /// Whether they count for what is saved; else only for where calls end.
    public let weighs: Bool

    /// Describes a recording.
    public init(
      file: String, kernel: String?, comm: String, event: String, samples: UInt64, weighs: Bool
    ) {
      self.file = file
      self.comm = comm
      self.event = event
      self.samples = samples
      self.weighs = weighs
      self.kernel = kernel
    }
  }

  /// The version of the form that this program reads and writes.
  static let schema = 1

  /// Version of the form.
  public private(set) var schema = ShortcutDocument.schema
  /// The recording.
  public let recording: Recording
  /// `ukl` where the application runs inside the kernel, else `linux`.
  public let layout: String
  /// The event's name.
  public let event: String
  /// `samples` or `period`.
  public let weight: String
  /// Weight of the analysed thread group.
  public let total: UInt64
  /// Id of what is generated, as it stands in the generated files; nil where nothing is.
  @ExplicitNull public var plan: String?
  /// What all shortcuts do together, under each policy; the report's first.
  public private(set) var predictions: [Prediction]
  /// What the predicted throughput takes for granted.
  @ExplicitNull public var basis: String?
  /// Where each system call ends, all call sites together.
  public let systemCalls: [SystemCallLeaves]
  /// The further recordings that were taken together with the first.
  public let further: [Further]
  /// How the application's side is spelled; nil where nothing is generated.
  @ExplicitNull public var application: ApplicationSpelling?
  /// What the stubs are fitted to; nil where nothing is generated.
  @ExplicitNull public var fit: StubFit?
  /// What the stubs keep; nil where nothing is generated.
  @ExplicitNull public var policy: StubPolicy?
  /// Ids of the candidates whose stubs are generated, where they were selected; nil where all with the
  /// verdict `shortcut` are.
  @ExplicitNull public var selected: [String]?
  /// Ranked.
  public internal(set) var candidates: [Candidate]
  /// Other options.
  public let advice: [Advice]
  /// What the reader should know.
  public private(set) var notes: [String]
  /// Lines of the report on the recording: its symbols, its health.
  @ExplicitNull public var facts: [String]?

  /// Describes an analysis.
  ///
  /// - Parameter date: the day of the recording.
  public init(
    _ analysis: Analysis, profile: Profile, file: String, date: String? = nil, event: String,
    weighting: Weighting, further: [Further] = []
  ) {
    let groups = analysis.groups
    let analysed = groups.all.filter { groups.selected.contains($0.pid) }
    let kernelID = profile.features.buildIDs.first { $0.path.hasPrefix("[kernel.kallsyms]") }
    recording = Recording(
      file: file, kernel: profile.features.osRelease, buildID: kernelID?.buildID.description,
      date: date, pids: groups.selected.sorted(), comm: analysed.first?.comm ?? "",
      samples: analysis.total.samples,
      groups: groups.all.map {
        Recording.Group(
          comm: $0.comm, pid: $0.pid,
          share: rounded(Double($0.weight) / Double(max(groups.total, 1))),
          analysed: groups.selected.contains($0.pid))
      })
    layout = groups.isUKL ? "ukl" : "linux"
    self.event = event
    weight = weighting.rawValue
    total = analysis.total.weight
    let plan = ShortcutPlan(analysis.candidates)
    self.plan = plan.entries.isEmpty ? nil : plan.id
    candidates = analysis.candidates
    predictions = analysis.predictions
    basis = analysis.basis
    systemCalls = analysis.systemCalls
    self.further = further
    advice = analysis.advice
    notes = analysis.notes
  }

  /// What was analysed and how much of the recording that is: one line.
  public var analysed: String {
    let share = recording.groups.filter(\.analysed).reduce(0) { $0 + $1.share }
    let others = recording.groups.filter { !$0.analysed }.prefix(3)
      .map { "\($0.comm) \(percent($0.share))" }
    return
      "analysed: \(recording.comm) (\(recording.pids.map(String.init).joined(separator: ", "))), "
      + "\(percent(share)) of what was recorded"
      + (others.isEmpty ? "" : "; beside it \(others.joined(separator: ", "))")
  }

  /// What the report's policy gains: one line; nil without a shortcut.
  public var predicted: String? {
    guard let first = predictions.first else { return nil }
    let gain = first.throughput
    return "all shortcuts together, \(first.policy): \(percent(first.share.value)) of the process"
      + (first.machine.map { ", \(percent($0.value)) of the machine" } ?? "")
      + ", throughput \(signedPercent(gain.value)) [\(signedPercent(gain.low95)) to "
      + "\(signedPercent(gain.high95))]" + (basis.map { "; \($0)" } ?? "")
  }

  /// The document with other predictions, where an audit has taken shortcuts back.
  public func predicting(_ predictions: [Prediction]) -> ShortcutDocument {
    var out = self
    out.predictions = predictions
    return out
  }

  /// The document for stubs of a policy: what becomes of side effects, and the plan.
  public func under(_ policy: StubPolicy) -> ShortcutDocument {
    var out = self
    out.policy = policy
    for index in candidates.indices {
      out.candidates[index].ledger = candidates[index].ledger.map { $0.under(policy) }
    }
    let plan = ShortcutPlan(out.candidates, policy: policy)
    out.plan = plan.entries.isEmpty ? nil : plan.id
    return out
  }

  /// Ids of the candidates that get a shortcut, ranked.
  public var shortcuts: [String] { candidates.filter { $0.verdict == .shortcut }.map(\.id) }

  /// The document with hops as something else than the catalogue shows them.
  ///
  /// - Parameter recovered: functions whose frames were put into call chains.
  public func proving(
    recovered: Set<String>, _ prove: (Candidate.Hop) -> Candidate.Hop
  ) -> ShortcutDocument {
    var out = self
    for index in candidates.indices {
      out.candidates[index].hops = candidates[index].hops.map(prove)
      for row in candidates[index].trunk.indices
      where recovered.contains(candidates[index].trunk[row].function) {
        out.candidates[index].trunk[row].recovered = true
      }
    }
    return out
  }

  /// Whether a candidate's stub is generated.
  public func isGenerated(_ candidate: Candidate) -> Bool {
    selected?.contains(candidate.id) ?? (candidate.verdict == .shortcut)
  }

  /// The document with what a reviewer has to see of each stub that is generated.
  public func reviewed(_ maker: ReviewMaker) -> ShortcutDocument {
    var out = self
    for index in candidates.indices {
      let candidate = candidates[index]
      out.candidates[index].review = isGenerated(candidate) ? maker.review(candidate) : nil
    }
    return out
  }

  /// What former reviews say of the application's sources, by candidate id.
  public var reviewedPlaces: [String: ReviewMaker.Place] {
    candidates.reduce(into: [:]) { places, candidate in
      places[candidate.id] = candidate.review.map { review in
        ReviewMaker.Place(
          source: review.source, diff: review.diff, sentence: review.application)
      }
    }
  }

  /// The document with what code and debug information say of its call sites, by candidate id.
  public func placing(_ places: [String: Candidate.Place]) -> ShortcutDocument {
    var out = self
    for index in candidates.indices {
      guard let place = places[candidates[index].id] else { continue }
      place.fill(&out.candidates[index].site)
      if let doubt = place.doubt { out.notes.append("\(candidates[index].id): \(doubt)") }
      if place.holders.count > 1 {
        out.notes.append(
          "\(candidates[index].id) is several call sites, in \(place.holders.joined(separator: ", ")): "
            + "libc's wrapper has no frame, which hides its caller's")
      }
    }
    return out
  }

  /// The document with places in the source, by candidate id.
  public func locating(_ place: (String) -> SourceLocation?) -> ShortcutDocument {
    var out = self
    for index in candidates.indices {
      guard let found = place(candidates[index].id) else { continue }
      out.candidates[index].site.file = found.file
      out.candidates[index].site.line = found.line
      out.candidates[index].site.column = found.column
    }
    return out
  }
}
