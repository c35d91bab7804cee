import ArgumentParser
import Profiler
import ShortcutGen

/// An analysis as the flags ask for it, for the commands that need one.
struct AnalysisRun {
  let analysis: Analysis
  let document: ShortcutDocument
  let profile: ResolvedProfile
  /// The events whose samples were weighed.
  let events: Set<Int>

  /// - Parameter further: recordings whose evidence is added.
  init(
    _ session: Session, _ samples: SampleOptions, _ savings: SavingOptions? = nil,
    minimumSaving: Double = 0.001, further: [Session] = []
  ) throws {
    var run = try RecordingEvidence(session, samples, savings, minimumSaving: minimumSaving)
    (profile, events) = (run.profile, run.events)
    var others: [ShortcutDocument.Further] = []
    for session in further {
      let other = try RecordingEvidence(session, samples, savings, minimumSaving: minimumSaving)
      others.append(run.add(other))
    }
    let catalog = try savings?.catalog() ?? .shared
    analysis = run.evidence.analysis(catalog, run.options)
    let unproven = ShortcutDocument(
      analysis, profile: session.profile, file: session.input.recording, date: session.date,
      event: run.event, weighting: samples.weight, further: others)
    let proven =
      session.witness.map { unproven.proving(recovered: $0.recoveredFunctions, $0.proven) }
      ?? unproven
    let audited = proven.audited(LedgerAuditor(catalog, image: session.witness?.calls))
    let predicted =
      audited.shortcuts == proven.shortcuts
      ? audited
      : audited.predicting(run.evidence.predictions(of: audited.shortcuts, catalog, run.options))
    var places = CallSitePlaces(session, profile, catalog, events: events)
    document = places.placed(predicted)
    session.diagnostics.note(document.analysed)
    for note in document.notes { session.diagnostics.note(note) }
  }
}

/// What one recording shows, before it is judged.
struct RecordingEvidence {
  private(set) var evidence: Evidence
  let options: AnalysisOptions
  let profile: ResolvedProfile
  /// The events whose samples were weighed.
  let events: Set<Int>
  private let session: Session

  init(
    _ session: Session, _ samples: SampleOptions, _ savings: SavingOptions?, minimumSaving: Double
  ) throws {
    guard session.profile.sampleCount > 0 else {
      throw InputError("\(session.input.recording): no samples in it")
    }
    guard session.kernel != nil else {
      throw InputError(
        "\(session.input.recording): the kernel's symbols are needed: give --kallsyms or --kernel")
    }
    self.session = session
    events = try RecordingEvidence.weighedEvents(session, samples)
    let counting = Set(
      session.profile.attributes.indices.filter { session.syscallCounted(by: $0) != nil })
    var wanted = samples
    (wanted.pid, wanted.comm) = (nil, nil)  // the shares of other processes are reported too
    profile = session.resolve(wanted, events: events.union(counting))
    options = RecordingEvidence.options(session, samples, savings, minimumSaving, events)
    do throws(AnalysisError) {
      evidence = try Analyzer(profile, catalog: .shared, options: options)
        .evidence(events: events, tracepoint: session.syscallCounted, witness: session.witness)
    } catch {
      throw InputError("\(session.input.recording): \(error)")
    }
  }

  private static func options(
    _ session: Session, _ samples: SampleOptions, _ savings: SavingOptions?,
    _ minimumSaving: Double, _ events: Set<Int>
  ) -> AnalysisOptions {
    var options = AnalysisOptions()
    options.weighting = samples.weight
    options.hasCallchains = events.contains { session.profile.attributes[$0].hasCallchain }
    options.minimumSaving = minimumSaving
    let timeline = session.profile.timeline
    options.tasks = { pids in
      TaskFacts(
        threads: pids.map(timeline.threadCount).max() ?? 1,
        forks: pids.reduce(0) { $0 + timeline.forkCount(of: $1) })
    }
    options.cpus = session.profile.features.cpusOnline.map(Int.init)
    if let savings {
      (options.policy, options.calls) = (savings.policy, savings.callCounts)
      options.unit = savings.unit(of: events.map(session.profile.eventName))
    }
    options.selection =
      samples.pid.map(Selection.pid) ?? samples.comm.map(Selection.comm) ?? .automatic
    return options
  }

  /// The weighed events' names.
  var event: String { events.sorted().map(session.profile.eventName).joined(separator: ", ") }

  private var comm: String {
    evidence.groups.all.first { evidence.groups.selected.contains($0.pid) }?.comm ?? ""
  }

  private var kernel: String? {
    session.profile.features.buildIDs.first { $0.path.hasPrefix("[kernel.kallsyms]") }?
      .buildID.description ?? session.profile.features.osRelease
  }

  /// Adds another recording's evidence; its samples weigh if they are of the same program on the
  /// same kernel, counted alike.
  mutating func add(_ other: RecordingEvidence) -> ShortcutDocument.Further {
    let weighs =
      kernel != nil && kernel == other.kernel && event == other.event && comm == other.comm
      && evidence.groups.isUKL == other.evidence.groups.isUKL
    let name = other.session.input.recording
    evidence.add(other.evidence, weighs: weighs, name: name)
    session.diagnostics.note(
      weighs
        ? "\(name): the same program on the same kernel: its samples count like the first's"
        : "\(name): another program, kernel or event: only where its calls end is taken from it")
    return ShortcutDocument.Further(
      file: name, kernel: other.session.profile.features.osRelease, comm: other.comm,
      event: other.event, samples: other.evidence.samples, weighs: weighs)
  }

  /// Samples of system call tracepoints are counts of calls, not weights, unless there is nothing
  /// else.
  private static func weighedEvents(
    _ session: Session, _ samples: SampleOptions
  ) throws -> Set<Int> {
    if samples.event != nil { return try session.events(samples.event) }
    let sampled = session.sampledEvents
    let weighed = sampled.filter { session.syscallCounted(by: $0) == nil }
    return weighed.isEmpty ? sampled : session.earliest(of: weighed)
  }
}
