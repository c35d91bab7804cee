import ArgumentParser
import FlameGraph
import Profiler
import SystemPackage

struct FoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fold",
    abstract: "Print folded stacks: thread;outermost;...;leaf WEIGHT.",
    discussion: "Example:\n  ukl-shortcut fold perf.data --comm redis-server > redis.folded")

  @OptionGroup var input: InputOptions
  @OptionGroup var samples: SampleOptions

  @Flag(help: "Print addresses as 'perf script -F ip' does, and join nothing.")
  var raw = false

  @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
  var output: String?

  func run() throws {
    let session = try Session(input, samples.selection, needsSymbols: !raw)
    let text = FoldedText(try session.fold(samples, raw: raw), workers: input.workers)
    try withOutput(to: output) { file in try text.write { try file.writeAll($0) } }
  }
}
