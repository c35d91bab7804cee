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

  init(_ session: Session, _ samples: SampleOptions, minimumSaving: Double = 0.001) throws {
    guard session.profile.sampleCount > 0 else {
      throw InputError("\(session.input.recording): no samples in it")
    }
    guard session.kernel != nil else {
      throw InputError(
        "\(session.input.recording): the kernel's symbols are needed: give --kallsyms or --kernel")
    }
    events = try AnalysisRun.weighedEvents(session, samples)
    let counting = Set(
      session.profile.attributes.indices.filter { session.syscallCounted(by: $0) != nil })
    var wanted = samples
    (wanted.pid, wanted.comm) = (nil, nil)  // the shares of other processes are reported too
    profile = session.resolve(wanted, events: events.union(counting))
    var options = AnalysisOptions()
    options.weighting = samples.weight
    options.hasCallchains = events.contains { session.profile.attributes[$0].hasCallchain }
    options.minimumSaving = minimumSaving
    options.selection =
      samples.pid.map(Selection.pid) ?? samples.comm.map(Selection.comm) ?? .automatic
    let catalog = OperationCatalog.shared
    do throws(AnalysisError) {
      analysis = try Analyzer(profile, catalog: catalog, options: options)
        .analyze(events: events, tracepoint: session.syscallCounted)
    } catch {
      throw InputError("\(session.input.recording): \(error)")
    }
    let unproven = ShortcutDocument(
      analysis, profile: session.profile, file: session.input.recording,
      event: events.sorted().map(session.profile.eventName).joined(separator: ", "),
      weighting: samples.weight)
    let proven =
      session.witness.map { unproven.proving(recovered: $0.recoveredFunctions, $0.proven) }
      ?? unproven
    let audited = proven.audited(LedgerAuditor(catalog, image: session.witness?.calls))
    var places = CallSitePlaces(session, profile, catalog, events: events)
    document = places.placed(audited)
    session.diagnostics.note(document.analysed)
    for note in analysis.notes { session.diagnostics.note(note) }
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
