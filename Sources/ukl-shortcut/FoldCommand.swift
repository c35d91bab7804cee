import ArgumentParser
import FlameGraph
import Profiler
import SystemPackage

struct FoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fold",
    abstract: "Print folded stacks: thread;outermost;...;leaf WEIGHT.",
    discussion: """
      Examples:
        ukl-shortcut fold perf.data --comm redis-server > redis.folded
        ukl-shortcut fold sched.data --off-cpu --weight period > waits.folded
        ukl-shortcut fold lbr.data --branch-stack > branches.folded
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var samples: SampleOptions
  @OptionGroup var stacks: StackOptions

  @Flag(help: "Print addresses as 'perf script -F ip' does, and join nothing.")
  var raw = false

  @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
  var output: String?

  func validate() throws { try stacks.check(samples) }

  func run() throws {
    let session = try Session(input, samples, stacks, needsSymbols: !raw)
    let text = FoldedText(try session.fold(samples, raw: raw), workers: input.workers)
    try withOutput(to: output) { file in try text.write { try file.writeAll($0) } }
    // Taking a large recording's tables apart would be a few percent of the run.
    withExtendedLifetime((session, text)) { FoldCommand.exit() }
  }
}
