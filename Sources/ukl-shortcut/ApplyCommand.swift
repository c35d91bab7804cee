import ArgumentParser
import Foundation
import Profiler
import ShortcutGen

struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply the reviewed patches to a kernel tree and the application, both or neither.",
    discussion: """
      Applies kernel/*.patch and app/app.patch as 'git apply' does, in a git repository or outside \
      of one. Puts ukl_shortcut.h beside the changed sources and adds the missing names to a \
      redef_sym_names at the top of a tree. If a hunk doesn't fit, nothing is changed. Prints the \
      commands that build the tree.

      Example:
        ukl-shortcut apply ukl-shortcut.out --kernel-tree linux/ --app-tree redis/

      Exit codes: 0 done, 1 --check found that something doesn't fit, 2 the input can't be used.
      """)

  @Argument(help: "The folder that analyze wrote.", completion: .directory)
  var folder: String

  @Option(help: "The kernel tree to change.", completion: .directory)
  var kernelTree: String?

  @Option(help: "The application's source tree to change.", completion: .directory)
  var appTree: String?

  @Option(help: "The application's name in the patch set. Default: the name of --app-tree.")
  var program: String?

  @Flag(help: "Only say whether everything fits.")
  var check = false

  @Flag(
    name: .customLong("unsafe"),
    help: "Apply files that were generated with --no-guards, for measuring.")
  var allowsUnguarded = false

  @Flag(name: .shortAndLong, help: "Say errors only.")
  var quiet = false

  func validate() throws {
    guard kernelTree != nil || appTree != nil else {
      throw ValidationError("name --kernel-tree, --app-tree or both")
    }
  }

  func run() throws {
    let diagnostics = Diagnostics(isQuiet: quiet, isVerbose: false)
    let application = try PatchApplication(
      ReviewedFolder(folder), kernelTree: kernelTree, applicationTree: appTree,
      allowsUnguarded: allowsUnguarded)
    if check { return try checkOnly(application) }
    try application.apply()
    for change in application.changes { sayChanged(change, diagnostics) }
    let commands = BuildCommands(kernelTree: kernelTree, program: program ?? appTree.map(lastPart))
    try writeOutput(Array(commands.lines.map { printable($0) + "\n" }.joined().utf8), to: nil)
  }

  private func checkOnly(_ application: PatchApplication) throws {
    do {
      try application.check()
    } catch {
      Diagnostics.error(error)
      throw ExitCode(1)
    }
    let lines = application.changes.map { change in
      "\(printable(change.sources.joined(separator: ", "))): fits \(printable(change.tree))\n"
    }
    try writeOutput(Array(lines.joined().utf8), to: nil)
  }

  private func sayChanged(_ change: TreeChange, _ diagnostics: Diagnostics) {
    diagnostics.note("\(change.tree): changed \(change.paths.joined(separator: ", "))")
  }

  private func lastPart(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().lastPathComponent
  }
}
