import ArgumentParser
import FlameGraph
import Profiler

struct CallGraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "callgraph",
    abstract: "Print the call graph: functions and who calls whom, with weights.",
    discussion: "Example:\n  ukl-shortcut callgraph perf.data --format dot | dot -Tsvg -o calls.svg"
  )

  /// What to print.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, dot }

  @OptionGroup var input: InputOptions
  @OptionGroup var samples: SampleOptions
  @OptionGroup var stacks: StackOptions

  @Option(help: "Output: text or dot (Graphviz).")
  var format = Format.text

  @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
  var output: String?

  func validate() throws { try stacks.check(samples) }

  func run() throws {
    let graph = CallGraph(folding: CallTree(try Session(input, samples, stacks).fold(samples)))
    try writeOutput(Array(text(of: graph).utf8), to: output)
  }

  private func text(of graph: CallGraph) -> String {
    switch format {
    case .text: CallGraphText(graph, unit: stacks.unit(samples.weight)).text()
    case .dot:
      CallGraphDot(graph, options: dotOptions).text()
    }
  }

  private var dotOptions: DotOptions {
    var options = DotOptions()
    options.unit = stacks.unit(samples.weight)
    return options
  }
}

extension Weighting {
  /// What weights count, for people.
  var unit: String {
    switch self {
    case .samples: "samples"
    case .period: "events"
    }
  }
}
