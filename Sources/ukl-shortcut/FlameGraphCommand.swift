import ArgumentParser
import FlameGraph
import Profiler
import ShortcutGen

struct FlameGraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flamegraph",
    abstract: "Draw a flame graph as one self-contained SVG file.",
    discussion: """
      Examples:
        ukl-shortcut flamegraph perf.data --shortcuts -o flamegraph.svg
        ukl-shortcut flamegraph after.data --diff before.data -o difference.svg
      """)

  @OptionGroup var input: InputOptions
  @OptionGroup var samples: SampleOptions
  @OptionGroup var stacks: StackOptions

  @Option(name: .shortAndLong, help: "The SVG file; '-' is stdout.", completion: .file())
  var output: String

  @Flag(help: "Draw what UKL_BYP skips (blue) and what a shortcut skips (green).")
  var shortcuts = false

  @Option(
    help: """
      Colour by the difference to this recording: red is a larger share than there, blue a smaller. \
      Its kernel's kallsyms lie beside it.
      """, completion: .file())
  var diff: String?

  @Flag(help: "Root at the top.")
  var inverted = false

  @Option(help: "Heading of the picture.")
  var title: String?

  func validate() throws {
    guard output == "-" || !output.hasSuffix(".html") else {
      throw ValidationError("the picture is an SVG file: name it .svg")
    }
    guard diff == nil || !shortcuts else {
      throw ValidationError("--diff and --shortcuts are two pictures")
    }
    try stacks.check(samples)
    guard !shortcuts || !stacks.offCPU else {
      throw ValidationError("--shortcuts and --off-cpu are two pictures: shortcuts save no waiting")
    }
  }

  /// The tree of another recording: nothing that the flags say of the first one's kernel holds for it.
  private func baseline(_ recording: String) throws -> CallTree {
    var input = input
    (input.recording, input.kallsyms, input.kernel) = (recording, nil, nil)
    return CallTree(try Session(input, samples, stacks).fold(samples))
  }

  func run() throws {
    let session = try Session(input, samples, stacks)
    let run = shortcuts ? try AnalysisRun(session, samples) : nil
    var tree = try run?.tree(samples) ?? CallTree(session.fold(samples))
    var options = FlameOptions()
    options.title = title ?? "Flame graph"
    options.subtitle = input.recording
    options.unit = stacks.unit(samples.weight)
    options.inverted = inverted
    if let run { options.arrows = ShortcutArrows(tree).arrows(for: run.document.candidates) }
    if let diff {
      let difference = DifferentialTree(
        drawing: tree, comparedWith: try baseline(diff), called: diff)
      (tree, options.baseline) = (difference.tree, difference.baseline)
    }
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
