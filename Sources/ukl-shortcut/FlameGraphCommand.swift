import ArgumentParser
import FlameGraph
import Profiler
import ShortcutGen

struct FlameGraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flamegraph",
    abstract: "Draw a flame graph as one self-contained SVG file.",
    discussion: "Example:\n  ukl-shortcut flamegraph perf.data --shortcuts -o flamegraph.svg")

  @OptionGroup var input: InputOptions
  @OptionGroup var samples: SampleOptions
  @OptionGroup var stacks: StackOptions

  @Option(name: .shortAndLong, help: "The SVG file; '-' is stdout.", completion: .file())
  var output: String

  @Flag(help: "Draw what UKL_BYP skips (blue) and what a shortcut skips (green).")
  var shortcuts = false

  @Flag(help: "Root at the top.")
  var inverted = false

  @Option(help: "Heading of the picture.")
  var title: String?

  func validate() throws {
    guard output == "-" || !output.hasSuffix(".html") else {
      throw ValidationError("the picture is an SVG file: name it .svg")
    }
    try stacks.check(samples)
    guard !shortcuts || !stacks.offCPU else {
      throw ValidationError("--shortcuts and --off-cpu are two pictures: shortcuts save no waiting")
    }
  }

  func run() throws {
    let session = try Session(input, samples, stacks)
    let run = shortcuts ? try AnalysisRun(session, samples) : nil
    let tree = try run?.tree(samples) ?? CallTree(session.fold(samples))
    var options = FlameOptions()
    options.title = title ?? "Flame graph"
    options.subtitle = input.recording
    options.unit = stacks.unit(samples.weight)
    options.inverted = inverted
    if let run { options.arrows = ShortcutArrows(tree).arrows(for: run.document.candidates) }
    try writeOutput(Array(FlameGraph(tree, options: options).svg().utf8), to: output)
  }
}

extension AnalysisRun {
  /// The tree of the analysed thread group.
  func tree(_ samples: SampleOptions) -> CallTree {
    CallTree(profile, weighting: samples.weight) { row in
      events.contains(row.event) && analysis.groups.selected.contains(row.pid)
    }
  }
}
