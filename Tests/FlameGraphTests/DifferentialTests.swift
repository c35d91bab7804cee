import Profiler
import Testing

@testable import FlameGraph

/// Two trees in one picture: widths of the drawn one, colours by the difference.
@Suite struct DifferentialTests {
  private func picture(_ drawn: CallTree, _ other: CallTree) -> ParsedSVG {
    let difference = DifferentialTree(drawing: drawn, comparedWith: other, called: "old <&>")
    var options = FlameOptions()
    options.baseline = difference.baseline
    return ParsedSVG(FlameGraph(difference.tree, options: options).svg())
  }

  private func fills(_ svg: ParsedSVG) -> [String: String] {
    let frames = svg.elements.indices.filter { svg.elements[$0].attributes["class"] == "frame" }
    return frames.reduce(into: [:]) { out, row in
      let title = svg.elements[row + 1].text.split(separator: "\n").first.map(String.init)
      out[title ?? ""] = svg.elements[row + 2].attributes["fill"]
    }
  }

  /// b has 2 of 4 and had 1 of 8: more. c has 1 of 4 and had 6 of 8: less. a has 1 of 4 and had 1 of
  /// 8.
  @Test func redIsMoreAndBlueIsLess() {
    let svg = picture(tree("t;a 1", "t;b 2", "t;c 1"), tree("t;a 1", "t;b 1", "t;c 6"))
    #expect(svg.failure == nil)
    let fills = fills(svg)
    #expect(fills["c"] == Palette.less.hex)  // the largest change has the full colour
    #expect(red(fills["b"]) > blue(fills["b"]) && red(fills["a"]) > blue(fills["a"]))
    #expect(blue(fills["c"]) > red(fills["c"]))
    #expect(fills["t"] == "#f6f6f6")  // no time of its own in either
    let captions = svg.all("text", class: "caption").map(\.text)
    #expect(captions.count == 2 && captions.allSatisfy { $0.hasSuffix("old <&>") })
  }

  @Test func titlesSayTheDifference() {
    let svg = picture(tree("t;a;b 1", "t;c 3"), tree("t;a;b 2", "t;c 2"))
    let titles = svg.elements.filter { $0.name == "title" }.map(\.text)
    #expect(
      titles.contains(
        "a\n1 samples, 25.00 %; own time ±0.00 points, with all it calls −25.00"))
    #expect(
      titles.contains(
        "b\n1 samples, 25.00 %; own time −25.00 points, with all it calls −25.00"))
  }

  /// What only the other tree has isn't drawn, and counts in what it stands on.
  @Test func theDrawnTreesWeightsAreTheWidths() {
    let svg = picture(tree("t;a 4"), tree("t;a 2", "t;a;gone 2", "t;other 4"))
    #expect(svg.frameNames == ["all", "t", "a"])
    #expect(svg.all("g", class: "frame").map { $0.attributes["data-w"] } == ["4", "4", "4"])
  }

  @Test func anEmptyTreeIsNoProblem() {
    #expect(picture(CallTree(functions: []), tree("t;a 1")).failure == nil)
    #expect(picture(tree("t;a 1"), CallTree(functions: [])).failure == nil)
  }

  /// Static functions may share a name: the same on both sides, they are one.
  @Test func namesMatchNotRows() {
    let function = Function(symbol: "helper", name: "helper", origin: .kernel)
    let twice = tree(of: [([FunctionID(0)], 1), ([FunctionID(1)], 1)], [function, function])
    let svg = picture(twice, tree("helper 5"))
    #expect(svg.failure == nil && svg.frameNames.filter { $0 == "helper" }.count == 1)
  }

  private func red(_ hex: String?) -> Int { channel(hex, 1) }
  private func blue(_ hex: String?) -> Int { channel(hex, 5) }

  private func channel(_ hex: String?, _ place: Int) -> Int {
    Int((hex ?? "").dropFirst(place).prefix(2), radix: 16) ?? -1
  }
}
