import ArgumentParser
import Foundation
import ShortcutGen
import SystemPackage

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Run the stubs beside the system calls in a real kernel, and compare.",
    discussion: """
      Takes a folder that analyze or generate wrote, with the module of its stubs (DIR/module). The \
      module is built and booted under QEMU, and every scenario runs once through the system call and \
      once through the stub in the same kernel: result, data, signals, position, accounting, \
      notifications and what the descriptor does afterwards must be equal. A guest that hangs or \
      breaks down is the result of the scenario that was running. Writes verify.md and verify.json.

      Needs qemu-system-x86, gcc, make, cpio and python3; kernels and headers are Debian packages that \
      are fetched by apt and unpacked, never installed.

      Example:
        ukl-shortcut verify ukl-shortcut.out --kernel 6.1 --kernel 6.12 --null --mutants
      """)

  @Argument(help: "Folder that analyze or generate wrote.", completion: .directory)
  var folder: String

  @Option(name: .customLong("kernel"), help: "Series of Debian's kernel; may be given again.")
  var kernels: [String] = []

  @Option(help: "Another kernel's bzImage, in place of Debian's.", completion: .file())
  var kernelImage: String?

  @Option(help: "That kernel's headers, to build the module.", completion: .directory)
  var kernelHeaders: String?

  @Option(help: "That kernel's folder lib/modules/RELEASE.", completion: .directory)
  var kernelModules: String?

  @Option(help: "Only stubs whose names contain this; may be given again.")
  var stub: [String] = []

  @Option(help: "Only scenarios whose names contain this; may be given again.")
  var scenario: [String] = []

  @Flag(help: "Also run the ordinary path, called in the kernel: it must show no difference.")
  var null = false

  @Flag(help: "Also break each rule of the stubs: some scenario must notice.")
  var mutants = false

  @Flag(help: "Also count the instructions of system call, its body in the kernel, and stub.")
  var costs = false

  @Option(help: "Keep unpacked packages here for the next call.", completion: .directory)
  var cache: String?

  @Flag(help: "Print verify.json in place of the summary.")
  var json = false

  @Flag(name: .shortAndLong, help: "Say errors and warnings only.")
  var quiet = false

  func validate() throws {
    guard kernelImage == nil || kernels.isEmpty else {
      throw ValidationError("give --kernel or --kernel-image, not both")
    }
    guard kernelImage == nil || kernelHeaders != nil else {
      throw ValidationError("--kernel-image needs the same kernel's --kernel-headers")
    }
  }

  func run() throws {
    let module = try moduleFiles()
    // It would be a pity to find out when all is done.
    guard access(folder, W_OK) == 0 else {
      throw InputError("\(folder): \(Errno(rawValue: errno))")
    }
    let contents = try contents(of: module)
    let stubs = contents.stubs.filter { name in stub.isEmpty || stub.contains { name.contains($0) }
    }
    guard !stubs.isEmpty else { throw InputError("\(folder)/module: no such stub in it") }
    let lab = try LabFolder.make()
    try lab.add(module.map { $0.moved(into: "stubs") })
    var verification = Verification(stubs: stubs, module: module, scenarioParts: scenario)
    for kernel in kernelArguments {
      verification.add(
        try found(
          Mutant.all(of: module, stubs: contents.stubs, wanted: stubs), contents, lab,
          kernel + [
            "--stubs", stubs.joined(separator: ","), "--drop",
            contents.dropped.map(\.rawValue).joined(separator: ","),
          ]))
    }
    let report = VerificationReport(verification)
    try OutputFolder(folder).write([
      GeneratedFile(path: "verify.json", bytes: try encodeJSON(verification)),
      GeneratedFile(path: "verify.md", contents: report.markdown),
    ])
    try writeReports(verification)
    try writeOutput(
      json ? try encodeJSON(verification) : Array(report.summary.utf8), to: nil)
    guard verification.isGood else { throw ExitCode(1) }
  }

  /// The reports beside the module again, with what the run says of each stub; a folder without an
  /// analysis has none.
  private func writeReports(_ verification: Verification) throws {
    let output = OutputFolder(folder)
    guard output.has("shortcuts.json"), output.has("flamegraph.svg") else { return }
    guard let picture = output.text("flamegraph.svg") else {
      throw InputError("\(output.path(of: "flamegraph.svg")): can't be read")
    }
    let document = try ShortcutDocument(file: "\(folder)/shortcuts.json")
      .verified(by: verification, of: try files(below: "kernel").map { $0.moved(into: "kernel") })
    try output.write(ReportFiles(document: document, templates: .embedded()).all(picture))
  }

  /// What selects a kernel, for each that was asked for.
  private var kernelArguments: [[String]] {
    if let kernelImage, let kernelHeaders {
      let modules = kernelModules.map { ["--modules", $0] } ?? []
      return [["--kernel-image", kernelImage, "--headers", kernelHeaders] + modules]
    }
    return (kernels.isEmpty ? ["6.1"] : kernels).map { ["--kernel", $0] }
  }

  private func found(
    _ broken: [Mutant], _ contents: ModuleContents, _ lab: borrowing LabFolder,
    _ kernel: [String]
  ) throws -> Verification.Kernel {
    let stubs = try runs(lab, kernel, ["stubs"])
    let null = null ? try runs(lab, kernel, ["stubs"], ["--side", "ordinary"]) : nil
    let costs = costs ? try costs(contents, lab, kernel) : []
    return Verification.Kernel(
      release: stubs.kernel ?? kernelImage ?? "", stubs: stubs, null: null,
      mutants: mutants ? try mutantResults(broken, lab, kernel) : [], costs: costs)
  }

  /// What the same stubs cost under each of the policies that are measured.
  private func costs(
    _ contents: ModuleContents, _ lab: borrowing LabFolder, _ kernel: [String]
  ) throws -> [CallCost] {
    let document = try ShortcutDocument(file: "\(folder)/shortcuts.json")
    let ids = document.candidates.filter { $0.stub.map(contents.stubs.contains) ?? false }
      .map(\.id)
    for (name, policy) in CallCost.modules {
      let plan = try ShortcutPlan(document.candidates, selecting: ids, policy: policy)
      var settings = Generation.Settings(document.spelling)
      settings.tree = KernelTree.patchSet.fitted(to: document.fit?.features ?? .linux6_1)
      settings.hasModule = true
      let files = try Generation(
        plan, of: document, settings, templates: .embedded(), toolVersion: Version.current
      ).files()
      try lab.add(
        files.filter { $0.path.hasPrefix("module/") }.map {
          GeneratedFile(path: name + $0.path.dropFirst("module".count), bytes: $0.bytes)
        })
    }
    return try runs(lab, kernel, CallCost.modules.map(\.name), ["--costs"]).costs
  }

  /// Each mutant is tried with what is likely to notice it; those that nothing noticed with all that
  /// the user wants.
  private func mutantResults(
    _ mutants: [Mutant], _ lab: borrowing LabFolder, _ kernel: [String]
  ) throws -> [Verification.MutantResult] {
    var run = try runs(
      lab, kernel, ["stubs"],
      try lab.variants(mutants) { scenario.isEmpty ? $0.witnesses : [] })
    let unnoticed = mutants.filter {
      $0.excuse == nil && run.modules[$0.name]?.failure == nil
        && run.modules[$0.name]?.firstDifference == nil
    }
    if !unnoticed.isEmpty && scenario.isEmpty {
      let rest = try runs(lab, kernel, ["stubs"], try lab.variants(unnoticed) { _ in [] })
      run.replaceModules(with: rest)
    }
    return mutants.map { Verification.MutantResult($0, run.modules[$0.name]) }
  }

  private func runs(
    _ lab: borrowing LabFolder, _ kernel: [String], _ modules: [String], _ more: [String] = []
  ) throws -> LabRun {
    let diagnostics = Diagnostics(isQuiet: quiet, isVerbose: false)
    defer { diagnostics.progress(nil) }
    var run = LabRun()
    let named = modules.flatMap { ["--module", "\($0)=\(lab.path.appending($0))"] }
    let cache = ["--cache", cache ?? lab.path.appending("packages").string]
    try lab.verify(kernel + named + cache + more + ["--"] + scenario) { line in
      run.add(line)
      diagnostics.progress("\(line.module ?? "kernel"): \(run.count) of \(run.scenarios) scenarios")
    }
    return run
  }

  /// What is in the module, as `generate` wrote it down.
  private func contents(of module: [GeneratedFile]) throws -> ModuleContents {
    let path = "\(folder)/module/\(ModuleContents.path)"
    guard let file = module.first(where: { $0.path == ModuleContents.path }) else {
      throw InputError("\(path) is missing; write the module again with generate --module")
    }
    guard let contents = try? ModuleContents(reading: file.bytes),
      contents.stubs.allSatisfy({ StubKind.named($0) != nil })
    else { throw InputError("\(path): not what generate --module writes") }
    return contents
  }

  /// What is in `DIR/module`, less what somebody built there: it may be older than its sources.
  private func moduleFiles() throws -> [GeneratedFile] {
    let files = try files(below: "module")
    guard files.contains(where: { $0.path == "Kbuild" }) else {
      throw InputError(
        "\(folder)/module: no module of stubs there; write it with generate --module")
    }
    return files.filter { file in
      ![".o", ".ko", ".cmd", ".mod.c"].contains { file.path.hasSuffix($0) }
    }
  }

  /// The regular files in a folder of `DIR`; none where there is no such folder.
  private func files(below place: String) throws -> [GeneratedFile] {
    let root = FilePath(folder).appending(place)
    let names = FileManager.default.enumerator(atPath: root.string)?.allObjects as? [String] ?? []
    return try names.sorted().compactMap { name in
      let path = root.appending(name).string
      guard
        try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
          == .typeRegular
      else { return nil }
      return GeneratedFile(path: name, bytes: Array(try Data(contentsOf: URL(filePath: path))))
    }
  }
}
