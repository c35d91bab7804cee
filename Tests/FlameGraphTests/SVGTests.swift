import Profiler
import Testing

@testable import FlameGraph

@Suite struct SVGTests {
  @Test func framesSayWhatTheyAre() {
    let svg = ParsedSVG(FlameGraph(tree("t;ukl_read;tcp_recvmsg 3", "t;ukl_read 1")).svg())
    #expect(svg.failure == nil)
    #expect(
      svg.elements.filter { $0.name == "title" }.map(\.text) == [
        "all\n4 samples, 100.00 %", "t\n4 samples, 100.00 %", "ukl_read\n4 samples, 100.00 %",
        "tcp_recvmsg\n3 samples, 75.00 %",
      ])
    #expect(
      svg.all("g", class: "frame").map { $0.attributes["data-p"] } == ["-1", "0", "1", "2"])
    #expect(
      svg.all("text", class: "caption").map(\.text) == ["thread", "application", "kernel"])
  }

  @Test func hostileNamesStayText() {
    let functions = hostileNames.map { Function(symbol: $0, name: $0, origin: .kernel) }
    let paths = hostileNames.indices.map { (path: [FunctionID($0)], weight: UInt64(5)) }
    var options = FlameOptions()
    options.title = hostileNames[0]
    options.subtitle = hostileNames[4]
    options.unit = hostileNames[1]
    options.arrows = [.init(kind: .bypass, fromRow: 0, toRow: 1, label: hostileNames[0])]
    let svg = ParsedSVG(FlameGraph(tree(of: paths, functions), options: options).svg())
    #expect(svg.failure == nil)
    #expect(svg.elements.count { $0.name == "script" } == 1)
    #expect(svg.elements.allSatisfy { $0.attributes["onload"] == nil })
    #expect(svg.all("text", class: "title").map(\.text) == [hostileNames[0]])
    #expect(svg.frameNames.contains(hostileNames[0]))
    #expect(svg.frameNames.contains(hostileNames[2]))
    #expect(svg.frameNames.contains("line\\nbreak\\u{1b}[31mred\\u{7}"))
    #expect(svg.frameNames.contains("\\u{0}\u{fffd}\\u{202e}gnp.exe"))
    #expect(svg.frameNames.contains("naïve 函数 🔥\\u{200d}"))
  }

  @Test func nothingIsReferencedOutsideTheFile() {
    let svg = ParsedSVG(FlameGraph(tree("t;a 1")).svg())
    for element in svg.elements {
      for (name, value) in element.attributes where name != "xmlns" {
        #expect(!value.contains("://") && !name.hasSuffix("href"))
      }
    }
    let style = svg.elements.first { $0.name == "style" }?.text ?? "@import"
    #expect(!style.contains("url(") && !style.contains("@import"))
  }

  @Test func scriptNeverMakesMarkupOfNames() {
    let script = String(decoding: PackageResources.flamegraph_js, as: UTF8.self)
    for danger in ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "]]>"] {
      #expect(!script.contains(danger))
    }
    #expect(!String(decoding: PackageResources.flamegraph_css, as: UTF8.self).contains("]]>"))
  }

  @Test func sameTreeSameBytes() {
    let (one, two) = (tree("t;a 1", "t;b;c 2"), tree("t;b;c 2", "t;a 1"))
    #expect(FlameGraph(one).svg() == FlameGraph(two).svg())
  }

  @Test func aTreeWithoutWeightIsStillADocument() {
    let svg = ParsedSVG(FlameGraph(CallTree(functions: [])).svg())
    #expect(svg.failure == nil)
    #expect(svg.frameNames == ["all"])
  }
}
