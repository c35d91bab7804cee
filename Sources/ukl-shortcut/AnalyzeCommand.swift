public import ArgumentParser
import FlameGraph
import Glibc
import Profiler
import ShortcutGen
import SystemPackage

extension ErrnoConvention: ExpressibleByArgument {}

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Rank what shortcuts would save, and write report, stubs and diffs.",
    discussion: """
      Writes report.md, report.html, flamegraph.svg, shortcuts.json, kernel/ and app/ into the output folder and \
      prints the ranked table.

      Examples:
        ukl-shortcut analyze perf.data --kallsyms kallsyms.gz --app-source src/
        ukl-shortcut analyze monday/perf.data tuesday/perf.data --policy lean --drop lsm,fsnotify
      """)

  @OptionGroup var input: InputOptions
  @Argument(
    help: """
      Further recordings, each with its own kallsyms beside it: a call site is monomorphic only if \
      all agree. Those of the same program and kernel count for what is saved as well.
      """, completion: .file())
  var further: [String] = []

  @OptionGroup var samples: SampleOptions
  @OptionGroup var savings: SavingOptions

  @Option(
    name: .shortAndLong, help: "Folder to write into; made if it isn't there.",
    completion: .directory)
  var output = "ukl-shortcut.out"

  @Option(help: "The application's sources: app.patch is made for them.", completion: .directory)
  var appSource: String?

  @Option(
    help: "The kernel tree the patch is for, if its files differ from the patch set's.",
    completion: .directory)
  var kernelTree: String?

  @Option(help: "Share of the thread group that a shortcut must save at least, in percent.")
  var minSaving = 0.1

  @Option(name: .customLong("return"), help: "How the application's libc reports errors.")
  var convention = ErrnoConvention.errno

  @Option(help: "Function that enters application mode; default: as the recorded kernel names it.")
  var enterUser: String?

  @Option(help: "Function that leaves application mode; default: as the recorded kernel names it.")
  var exitUser: String?

  @Flag(help: "Print shortcuts.json in place of the table.")
  var json = false

  func validate() throws {
    guard minSaving >= 0, minSaving <= 100 else {
      throw ValidationError("--min-saving is a percentage, 0 to 100")
    }
    guard !output.isEmpty else { throw ValidationError("--output names a folder") }
  }

  func run() throws {
    let session = try session(input)
    let run = try AnalysisRun(
      session, samples, savings, minimumSaving: minSaving / 100,
      further: try further.map(self.further))
    let plan = ShortcutPlan(run.document.candidates, policy: savings.stubPolicy)
    let application = try appSource.map { try ApplicationPatch(plan, source: $0) }
    let templates = try TemplateSet.embedded()
    let fit = plan.entries.isEmpty ? nil : try fit(session)
    var document = run.document.under(savings.stubPolicy)
    document = application?.located(document) ?? document
    if let fit {
      document.application = ApplicationSpelling(try transition(session), convention)
      document.fit = fit.stated
    }
    document.facts = facts(session, document)
    let code = try generatedCode(document, plan, application, fit, templates)
    let maker = ReviewMaker(
      files: code, places: application?.reviews ?? [:], policy: savings.stubPolicy,
      features: fit?.tree.features ?? .linux6_1)
    document = document.reviewed(maker).verified(by: nil)
    let picture = flameGraph(run)
    let reports = try ReportFiles(document: document, templates: templates).all(picture)
    try OutputFolder(output).write(
      code + reports + [GeneratedFile(path: "flamegraph.svg", contents: picture)])
    for answer in application?.sentences ?? [] { session.diagnostics.note(answer) }
    let result = json ? try encodeJSON(document) : Array(summary(document).utf8)
    try writeOutput(result, to: nil)
  }

  /// A further recording: nothing that the flags say of the first one's kernel holds for it.
  private func further(_ recording: String) throws -> Session {
    var input = input
    (input.recording, input.kallsyms, input.kernel) = (recording, nil, nil)
    return try session(input)
  }

  private func session(_ input: InputOptions) throws -> Session {
    var selection = samples.selection
    selection.wantsCallArguments = true
    return try Session(input, selection)
  }

  private func summary(_ document: ShortcutDocument) -> String {
    RankedTable(document).text + (document.predicted.map { "\npredicted: \($0)\n" } ?? "")
      + "\nreport: \(printable(output))/report.md\n"
  }

  private func generatedCode(
    _ document: ShortcutDocument, _ plan: ShortcutPlan, _ application: ApplicationPatch?,
    _ fit: KernelFit?, _ templates: TemplateSet
  ) throws -> [GeneratedFile] {
    let patch = [application?.patch].compactMap(\.self)
    guard let fit, let spelling = document.application else { return patch }
    var settings = Generation.Settings(spelling)
    settings.tree = fit.tree
    return try patch
      + Generation(
        plan, of: document, settings, templates: templates, toolVersion: Version.current
      ).files()
  }

  /// The tree or the image that the user names, or the types that were kept beside the recording.
  private func fit(_ session: Session) throws -> KernelFit {
    let beside = FilePath(input.recording).removingLastComponent().appending("vmlinux.btf")
    let isBeside = input.recording != "-" && (try? MappedFile.open(beside)) != nil
    let fit = try KernelFit(
      tree: kernelTree, types: input.kernel.map { FilePath($0) } ?? (isBeside ? beside : nil),
      image: session.witness?.calls, session.diagnostics)
    session.diagnostics.note("stubs are fitted to \(fit.source)")
    return fit
  }

  /// The pair of mode switches: as the user says, else as the recorded kernel has it.
  private func transition(_ session: Session) throws -> TransitionNames {
    let names = KernelSymbols.modeSwitchNames.filter {
      session.kernel?.symbols.contains($0) ?? false
    }
    let known = TransitionNames.known(in: Set(names))
    if known == nil && (enterUser == nil || exitUser == nil) {
      session.diagnostics.note(
        "the recorded kernel has none of the patch set's mode switches; the header calls "
          + "\(TransitionNames.rfc2022.exitUser) and \(TransitionNames.rfc2022.enterUser) "
          + "(--exit-user, --enter-user)")
    }
    let pair = known ?? .rfc2022
    return try TransitionNames(
      exitUser: exitUser ?? pair.exitUser, enterUser: enterUser ?? pair.enterUser)
  }

  private func flameGraph(_ run: AnalysisRun) -> String {
    let tree = run.tree(samples)
    var options = FlameOptions()
    options.title = "\(run.document.recording.comm): where the time goes"
    options.subtitle = input.recording
    options.unit = samples.weight.unit
    options.arrows = ShortcutArrows(tree).arrows(for: run.document.candidates)
    return FlameGraph(tree, options: options).svg()
  }

  private func facts(_ session: Session, _ document: ShortcutDocument) -> [String] {
    var facts = session.kernel.map { ["Kernel symbols: \($0.path)."] } ?? []
    facts += session.kernel?.warnings ?? []
    facts += session.witness?.facts(document) ?? []
    facts += session.profile.health.lines(samples: session.profile.sampleCount)
    return facts
  }
}
