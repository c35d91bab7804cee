import ArgumentParser

/// The program: flags in, calls of the libraries, exit codes. No algorithms.
@main
struct UKLShortcut: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ukl-shortcut",
    abstract:
      "Finds what Unikernel Linux applications can skip in the kernel, and writes the code.",
    discussion: """
      Reads a recording of perf, finds the polymorphic hops between the application's system calls \
      and the kernel code that does their work, estimates what skipping them saves, and writes \
      kernel stubs and application diffs for a person to review.

      Example:
        ukl-shortcut analyze perf.data --app-source src/ --output report/

      Exit codes: 0 done, 1 a check found a difference, 2 the input can't be used, 64 usage.
      """,
    version: Version.current,
    subcommands: [
      AnalyzeCommand.self, InfoCommand.self, FoldCommand.self, FlameGraphCommand.self,
      CallGraphCommand.self, CompareCommand.self, OpsCommand.self, GenerateCommand.self,
      ApplyCommand.self, VerifyCommand.self,
    ])

  /// Runs a command; what the libraries throw becomes one line and exit code 2.
  static func main() {
    HeapPages.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error where isUsage(error) {
      exit(withError: error)
    } catch {
      Diagnostics.error(error)
      exit(withError: ExitCode(2))
    }
  }

  /// Help, version and wrong flags are ArgumentParser's business.
  private static func isUsage(_ error: any Error) -> Bool {
    exitCode(for: error) != .failure || error is ValidationError || error is ExitCode
  }
}
