import ArgumentParser
import Foundation
import Profiler
import ShortcutGen
import SystemPackage

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write stubs and diffs again from an analysis: others of them, or another policy.",
    discussion: """
      Reads what analyze wrote to shortcuts.json and writes kernel/ and app/ beside it, for the \
      candidates with verdict 'shortcut' or those named, and the reports and shortcuts.json anew, \
      so that they say what is in the folder. The same analysis and options give the same bytes. \
      What an earlier run generated and this one doesn't is removed.

      The policy 'faithful' keeps every side effect of what is skipped; 'lean' leaves out those \
      that --drop names: lsm, fsnotify, accounting, rps, tracepoints. Policy and selection are \
      remembered in shortcuts.json; --policy faithful and --select all go back.

      With --check nothing is written. A kernel tree, if one is named, is compared with itself as \
      it is with the patch applied, and --app-source with app.patch applied; else the folder is \
      compared with what would be written.

      Example:
        ukl-shortcut generate ukl-shortcut.out/shortcuts.json --policy lean --drop fsnotify,rps

      Exit codes: 0 done, 1 --check found a difference, 2 the input can't be used, 64 usage.
      """)

  @Argument(help: "The shortcuts.json of an analysis.", completion: .file(extensions: ["json"]))
  var file: String

  @Option(
    help: """
      A candidate's id; may be given again. Default: those of the last time, at first all with \
      verdict 'shortcut', as 'all' says.
      """)
  var select: [String] = []

  @Flag(
    help: """
      Every stub there is a template for, whatever was recorded: to compile or to verify them all. \
      Needs an --output of its own.
      """)
  var allStubs = false

  @OptionGroup var choice: PolicyOptions

  @Option(help: "Folder of templates that take the place of the program's.", completion: .directory)
  var templates: String?

  @Flag(help: "Write module/ too: the stubs as a module for the kernel's headers.")
  var module = false

  @Option(help: "The kernel tree the patch is for.", completion: .directory)
  var kernelTree: String?

  @Option(
    help: "The kernel's vmlinux or bzImage: proves what is skipped, and stubs fit its types.",
    completion: .file())
  var kernel: String?

  @Option(
    help: "The same kernel's /proc/kallsyms, for an image without symbols.", completion: .file())
  var kallsyms: String?

  @Option(help: "The application's sources: app.patch is made for them.", completion: .directory)
  var appSource: String?

  @Option(
    name: .shortAndLong, help: "Folder to write into. Default: the one with shortcuts.json.",
    completion: .directory)
  var output: String?

  @Flag(help: "Write nothing; say what differs, and exit with 1 if anything does.")
  var check = false

  @Flag(name: .shortAndLong, help: "Say errors and warnings only.")
  var quiet = false

  func validate() throws {
    guard allStubs else { return }
    guard select.isEmpty && appSource == nil else {
      throw ValidationError("--all-stubs goes without --select and --app-source")
    }
    guard output != nil || check else {
      throw ValidationError("--all-stubs needs --output: nothing recorded calls for these stubs")
    }
  }

  func run() throws {
    let diagnostics = Diagnostics(isQuiet: quiet, isVerbose: false)
    let image = try calls(diagnostics)
    let given = try ShortcutDocument(file: file)
    let document = given.audited(LedgerAuditor(OperationCatalog.shared, image: image))
    for refusal in document.refusals(since: given) { diagnostics.warning(refusal) }
    let fit = try KernelFit(
      tree: kernelTree, types: kernel.map { FilePath($0) }, image: image,
      former: given.fit, diagnostics)
    let run = try regeneration(of: document, image, fit, diagnostics)
    let beside = URL(filePath: file).deletingLastPathComponent().relativePath
    let folder = OutputFolder(output ?? beside)
    var files = run.code
    if !allStubs { files += try run.reports(OutputFolder(beside), diagnostics) }
    if check { return try compare(run, files, folder, diagnostics) }
    try folder.write(files)
    for answer in run.application?.sentences ?? [] { diagnostics.note(answer) }
    let names = run.plan.entries.map(\.kind.name).joined(separator: ", ")
    diagnostics.note("\(run.plan.policy), fitted to \(fit.source): \(names)")
    guard appSource == nil, folder.has(ApplicationPatch.path) else { return }
    for name in run.missing(in: folder) {
      diagnostics.warning("\(ApplicationPatch.path) calls \(name), which is not generated any more")
    }
    diagnostics.note("\(ApplicationPatch.path) is left as it is; --app-source makes it anew")
  }

  /// What the image's functions call; nil, with a warning, for an image whose symbols are missing.
  private func calls(_ diagnostics: Diagnostics) throws -> ImageCalls? {
    guard let kernel else { return nil }
    if kallsyms != nil {
      return try ImageCalls(image: FilePath(kernel), kallsyms: kallsyms.map { FilePath($0) })
    }
    do throws(SymbolError) {
      return try ImageCalls(image: FilePath(kernel), kallsyms: nil)
    } catch {
      diagnostics.warning("\(error); what is skipped is checked against the catalogue alone")
      return nil
    }
  }

  private func regeneration(
    of document: ShortcutDocument, _ image: ImageCalls?, _ fit: KernelFit,
    _ diagnostics: Diagnostics
  ) throws -> Regeneration {
    do {
      return try Regeneration(
        of: document, plan(document, image, diagnostics), fit, templates: Self.templates(templates),
        hasModule: module, applicationSource: appSource)
    } catch let error as PlanError { throw InputError("\(file): \(error)") }
  }

  private func plan(
    _ document: ShortcutDocument, _ image: ImageCalls?, _ diagnostics: Diagnostics
  ) throws -> ShortcutPlan {
    let policy = choice.policy ?? document.policy ?? .faithful
    if allStubs { return ShortcutPlan(kinds: kinds(image, diagnostics), policy: policy) }
    let selected = select.isEmpty ? document.selected : select == ["all"] ? nil : select
    guard let selected else { return ShortcutPlan(document.candidates, policy: policy) }
    return try ShortcutPlan(document.candidates, selecting: selected, policy: policy)
  }

  /// Those of which nothing is unknown.
  private func kinds(_ image: ImageCalls?, _ diagnostics: Diagnostics) -> [StubKind] {
    let auditor = LedgerAuditor(OperationCatalog.shared, image: image)
    return StubKind.all.filter { kind in
      guard let refusal = auditor.audit(kind)?.refusal else { return true }
      diagnostics.warning("\(kind.name): \(refusal)")
      return false
    }
  }

  /// The program's templates, those of the folder in their place.
  private static func templates(_ folder: String?) throws -> TemplateSet {
    guard let folder else { return try .embedded() }
    let found = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    let files = found.filter { $0.hasSuffix(".mustache") }.sorted()
    guard !files.isEmpty else { throw InputError("\(folder): no *.mustache in it") }
    var others: [String: String] = [:]
    for path in files {
      let name = URL(filePath: path).deletingPathExtension().lastPathComponent
      guard others[name] == nil else { throw InputError("\(folder): two templates '\(name)'") }
      guard let text = try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8) else {
        throw InputError("\(folder)/\(path): no UTF-8 text, or can't be read")
      }
      others[name] = text
    }
    do throws(TemplateError) {
      return try .embedded(replacing: others)
    } catch { throw InputError("\(folder): \(error)") }
  }

  private func compare(
    _ run: Regeneration, _ files: [GeneratedFile], _ folder: OutputFolder,
    _ diagnostics: Diagnostics
  ) throws {
    var differences: [String]
    if let kernelTree {
      differences = try OutputFolder(kernelTree).differences(from: run.generation.treeFiles())
      let source = OutputFolder(appSource ?? "")
      differences += (run.application?.changed ?? []).map {
        "\(source.path(of: $0)): lacks its shortcuts"
      }
    } else {
      differences = folder.differences(from: files)
    }
    if appSource == nil, folder.has(ApplicationPatch.path) {
      let patch = folder.path(of: ApplicationPatch.path)
      differences += run.missing(in: folder).map { "\(patch): calls \($0), which is not generated" }
      diagnostics.note("of \(patch) only the names are checked; --app-source checks the rest")
    }
    try writeOutput(Array(differences.map { printable($0) + "\n" }.joined().utf8), to: nil)
    if !differences.isEmpty { throw ExitCode(1) }
  }
}

/// What stubs keep, as flags.
struct PolicyOptions: ParsableArguments {
  enum Name: String, ExpressibleByArgument, CaseIterable { case faithful, lean }

  @Option(name: .customLong("policy"), help: "What the stubs do about side effects.")
  var name: Name?

  @Option(help: "Side effects to leave out, separated by commas; means --policy lean.")
  var drop: DropList?

  @Flag(help: "No checks of what the descriptor is: for measuring only, and never to be shipped.")
  var noGuards = false

  /// Nil where no flag says anything.
  var policy: StubPolicy? {
    let isSaid = name != nil || drop != nil || noGuards
    return isSaid ? StubPolicy(dropping: drop?.effects ?? [], guards: !noGuards) : nil
  }

  func validate() throws {
    if name == .lean && drop == nil {
      throw ValidationError("--policy lean needs --drop \(DropList.names)")
    }
    if name == .faithful && drop != nil {
      throw ValidationError("--policy faithful drops nothing; leave out --drop")
    }
  }
}

/// Names of side effects, separated by commas.
struct DropList: ExpressibleByArgument {
  static let names = SideEffect.allCases.map(\.rawValue).joined(separator: ",")
  let effects: Set<SideEffect>

  init?(argument: String) {
    let found = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { SideEffect(rawValue: String($0)) }
    guard !found.contains(nil) else { return nil }
    effects = Set(found.compactMap(\.self))
  }

  static var allValueStrings: [String] { SideEffect.allCases.map(\.rawValue) }
}
