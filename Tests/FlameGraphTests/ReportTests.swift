import Foundation
import Profiler
import TestSupport
import Testing

@testable import FlameGraph

@Suite struct ReportTests {
  private let graph = CallGraph(
    folding: tree("t;main;ukl_read;tcp_recvmsg 3", "t;main;ukl_write 1", "t;main 4"))

  @Test func textListsFunctionsBySelfWeightThenCallersAndCallees() {
    let expected = """
      8 samples, 5 functions, 4 calls

      Flat profile

          self       %   total       %  function
             4   50.00       8  100.00  main
             3   37.50       3   37.50  tcp_recvmsg
             1   12.50       1   12.50  ukl_write
             0    0.00       8  100.00  t
             0    0.00       3   37.50  ukl_read
      """
    let text = CallGraphText(graph).text()
    #expect(collapsed(text).hasPrefix(collapsed(expected)))
    let block = """
       3   37.50      <- main
       0    0.00       3   37.50  ukl_read
                       3   37.50      -> tcp_recvmsg
      """
    #expect(collapsed(text).contains(collapsed(block)))
  }

  /// `text` with runs of blanks as one, so that only the words and their lines are compared.
  private func collapsed(_ text: String) -> String {
    text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
      .joined(separator: "\n")
  }

  @Test func columnsAreAligned() {
    let lines = CallGraphText(graph).text().split(separator: "\n").filter { $0.contains("main") }
    let ends = lines.compactMap { $0.range(of: "100.00")?.upperBound.utf16Offset(in: $0) }
    #expect(ends.count > 2 && Set(ends).count == 1)
  }

  @Test func textIsHarmlessToATerminal() {
    let text = CallGraphText(hostile()).text()
    let controls = text.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202e}" }
    #expect(controls.isEmpty)
    #expect(text.contains("line\\nbreak\\u{1b}[31mred\\u{7}"))
  }

  @Test func dotLeavesSmallPartsOutAndSaysSo() {
    var options = DotOptions()
    options.nodeFraction = 0.2
    options.edgeFraction = 0.9
    let text = CallGraphDot(graph, options: options).text()
    #expect(text.contains("not drawn: 1 of 5 functions (below 20 %), 3 of 4 calls (below 90 %"))
    #expect(!text.contains("ukl_write") && text.contains("tcp_recvmsg"))
    options.nodeFraction = 0
    options.edgeFraction = 0
    #expect(!CallGraphDot(graph, options: options).text().contains("not drawn"))
  }

  @Test func graphvizReadsHostileNamesAsTheyAre() throws {
    guard let dot = tool("dot") else { return print("skipped: no graphviz") }
    let output = try run(dot, ["-Tsvg"], input: CallGraphDot(hostile()).text())
    let svg = ParsedSVG(output)
    #expect(svg.failure == nil)
    #expect(svg.elements.allSatisfy { $0.name != "script" })
    let texts = Set(svg.elements.filter { $0.name == "text" }.map(\.text))
    for name in hostileNames {
      let shown = printable(name).replacing("\u{fffe}", with: "\u{fffd}")
      #expect(texts.contains(shown) || texts.contains(shown.replacing(" ", with: "\u{a0}")))
    }
  }

  private func hostile() -> CallGraph {
    let functions = hostileNames.map { Function(symbol: $0, name: $0, origin: .kernel) }
    let path = hostileNames.indices.map { FunctionID($0) }
    return CallGraph(folding: tree(of: [(path, 1)], functions))
  }
}
