import ArgumentParser
import FlameGraph
import Foundation
import Profiler
import ShortcutGen
import SystemPackage

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "What a shortcut really gained, against what was predicted.",
    discussion: """
      BEFORE and AFTER are recordings of the same load, or folders that hold one (perf.data), a \
      benchmark's output (throughput.txt) and output of perf stat (*stat*: text, -x, or -j). A \
      throughput.txt beside a recording is used.

      Example:
        ukl-shortcut compare before/perf.data after/perf.data --flamegraph difference.svg

      Exits with 1 if prediction and measurement exclude each other.
      """)

  @Argument(help: "The recording, or the folder, before.", completion: .file())
  var before: String

  @Argument(help: "The recording, or the folder, after.", completion: .file())
  var after: String

  @OptionGroup var samples: SampleOptions
  @OptionGroup var savings: SavingOptions

  @Option(
    help:
      "Call site that has a shortcut afterwards; default: those that are gone. May be given again.")
  var site: [String] = []

  @Option(help: "Part of the benchmark's line for the load; default: the one with most runs.")
  var load: String?

  @Option(
    name: .customLong("flamegraph"),
    help: "Draw where the time before went, coloured by what changed.")
  var picture: String?

  @Option(help: "Threads to work with; the result is the same with any number.")
  var threads = 2

  @Flag(help: "Print JSON in place of text.")
  var json = false

  @Flag(name: .shortAndLong, help: "Say errors and warnings only.")
  var quiet = false

  func run() throws {
    let (old, new) = (
      try ComparedInput(before, threads, quiet), try ComparedInput(after, threads, quiet)
    )
    var document = ComparisonDocument(before: before, after: after)
    if let b = old.throughput, let a = new.throughput {
      document.throughput = ThroughputChange.changes(b, a)
    }
    document.load = try chosenLoad(document.throughput)
    document.counters = CounterChange.changes(old.counters, new.counters)
    if let b = old.session, let a = new.session {
      try compare(b, a, &document)
    } else if picture != nil || !site.isEmpty {
      throw InputError("--flamegraph and --site need a recording on both sides")
    }
    guard !document.parts.isEmpty || !document.throughput.isEmpty || !document.counters.isEmpty
    else {
      throw InputError("\(before), \(after): nothing in them to compare")
    }
    document.judge()
    let text = json ? try encodeJSON(document) : Array(ComparisonText(document).text().utf8)
    try writeOutput(text, to: nil)
    if document.differs == true { throw ExitCode(1) }
  }

  /// The load that the user means, else the one that was run most often, the first of several.
  private func chosenLoad(_ changes: [ThroughputChange]) throws -> String? {
    guard let load else {
      let most = changes.map(\.before.count).max()
      return changes.first { $0.before.count == most }?.load
    }
    guard let found = changes.first(where: { $0.load.contains(load) }) else {
      throw InputError("no load '\(load)' in both benchmarks' outputs")
    }
    return found.load
  }

  private func compare(
    _ old: Session, _ new: Session, _ document: inout ComparisonDocument
  ) throws {
    let before = try RecordingEvidence(old, samples, savings, minimumSaving: 0)
    let after = try RecordingEvidence(new, samples, savings, minimumSaving: 0)
    for id in site where !before.evidence.hasSite(id) {
      throw InputError("\(self.before): no call site '\(id)'")
    }
    let catalog = try savings.catalog()
    let sites = site.isEmpty ? before.evidence.sitesGone(in: after.evidence) : site
    document.sites = sites
    if sites.isEmpty {
      let note =
        "no call site before is gone afterwards: nothing to predict; --site names those with a shortcut"
      document.notes.append(note)
      old.diagnostics.note(note)
    }
    document.prediction = before.evidence.predictions(of: sites, catalog, before.options).first
    document.basis = before.evidence.basis
    let (b, a) = (before.compared(samples), after.compared(samples))
    let comparison = CostComparison(
      b, a, sites: Set(sites), timeRatio: 1 / (1 + (document.measured?.gain ?? 0)),
      catalog: catalog,
      isNew: { !(old.kernel?.symbols.contains($0) ?? true) })
    (document.parts, document.functions) = (comparison.parts, comparison.functions)
    if document.measured == nil {
      let note = "no throughput of both: parts are compared as shares of the whole time"
      document.notes.append(note)
      old.diagnostics.note(note)
    }
    if let picture { try draw(b, a, Set(sites), to: picture, before.event) }
  }

  private func draw(
    _ before: ComparedRecording, _ after: ComparedRecording, _ sites: Set<String>,
    to path: String, _ event: String
  ) throws {
    let trees = AlignedTrees(before, after, sites: sites, catalog: .shared)
    let difference = DifferentialTree(
      drawing: trees.before, comparedWith: trees.after, called: after.name)
    var options = FlameOptions()
    options.title = "Where the time went before, and what changed"
    options.subtitle = "\(self.before), compared with \(self.after)"
    options.unit = samples.weight.unit
    options.baseline = difference.baseline
    try writeOutput(
      Array(FlameGraph(difference.tree, options: options).svg().utf8), to: path)
  }
}

extension ComparedRecording {
  /// What a picture calls the recording afterwards.
  fileprivate var name: String { "the recording afterwards" }
}

extension RecordingEvidence {
  /// The recording for a comparison.
  fileprivate func compared(_ samples: SampleOptions) -> ComparedRecording {
    ComparedRecording(
      profile, rows: profile.rows.filter { events.contains($0.event) },
      selected: evidence.groups.selected, weighting: samples.weight)
  }
}

/// One side of a comparison: whatever of recording, throughput and counters there is.
private struct ComparedInput {
  let session: Session?
  let throughput: Throughput?
  let counters: Counters

  init(_ name: String, _ threads: Int, _ isQuiet: Bool) throws {
    let diagnostics = Diagnostics(isQuiet: isQuiet, isVerbose: false)
    let isFolder =
      ComparedInput.isFolder(name) && !ComparedInput.isFolder(name + "/perf.data")
      && !FileManager.default.fileExists(atPath: name + "/data")
    let folder = isFolder ? name : FilePath(name).removingLastComponent().string
    let recording = isFolder ? name + "/perf.data" : name
    session =
      FileManager.default.fileExists(atPath: recording) || !isFolder
      ? try Session(try ComparedInput.options(recording, threads, isQuiet)) : nil
    let path = (folder.isEmpty ? "." : folder) + "/throughput.txt"
    throughput = ComparedInput.text(path).map(Throughput.init)
    if throughput != nil { diagnostics.note("throughput from \(path)") }
    var all = Counters.none
    for file in isFolder ? ComparedInput.counterFiles(name) : [] {
      guard let text = ComparedInput.text(file) else { continue }
      all.add(Counters(text))
    }
    if let session { all.add(Counters(recorded: session.countedEvents)) }
    counters = all
  }

  private static func options(
    _ recording: String, _ threads: Int, _ isQuiet: Bool
  ) throws -> InputOptions {
    try InputOptions.parse(
      [recording, "--threads", "\(threads)"] + (isQuiet ? ["--quiet"] : []))
  }

  private static func isFolder(_ name: String) -> Bool {
    var isFolder = ObjCBool(false)
    return FileManager.default.fileExists(atPath: name, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  private static func counterFiles(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().filter { $0.contains("stat") }.map { "\(folder)/\($0)" }
  }

  private static func text(_ path: String) -> String? {
    RegularFile.bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Session {
  /// Sums of the samples' periods, by event that counts something else than time or calls.
  fileprivate var countedEvents: [(event: String, period: UInt64)] {
    profile.totals.indices.filter { index in
      let name = profile.eventName(index).prefix { $0 != ":" }
      return !profile.attributes[index].isTracepoint
        && !["cpu-clock", "task-clock", "dummy"].contains(name)
    }.map { (profile.eventName($0), profile.totals[$0].period) }
  }
}
