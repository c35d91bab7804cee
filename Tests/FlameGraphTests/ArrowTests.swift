import Profiler
import Testing

@testable import FlameGraph

@Suite struct ArrowTests {
  private let sample = tree(
    "t;ukl_main;ukl_read;ukl_entry_SYSCALL_64;ksys_read;tcp_recvmsg 600",
    "t;ukl_main;ukl_write;ksys_write 399", "t;ukl_main;ukl_close 1")

  private func rows() throws -> (read: Int, body: Int, leaf: Int) {
    let path = ["t", "ukl_main", "ukl_read", "ukl_entry_SYSCALL_64", "ksys_read", "tcp_recvmsg"]
    let read = try #require(sample.row(path[0], path[1], path[2]))
    let body = try #require(sample.row(path[0], path[1], path[2], path[3], path[4]))
    let leaf = try #require(sample.row(path[0], path[1], path[2], path[3], path[4], path[5]))
    return (read, body, leaf)
  }

  private func options(_ arrows: [FlameArrow]) -> FlameOptions {
    var options = FlameOptions()
    options.arrows = arrows
    return options
  }

  @Test func arrowsLinkTheFramesOfTheirRows() throws {
    let (read, body, leaf) = try rows()
    let arrows = [
      FlameArrow(kind: .bypass, fromRow: read, toRow: body, label: "byp"),
      FlameArrow(kind: .shortcut, fromRow: read, toRow: leaf, label: "cut"),
    ]
    let svg = ParsedSVG(FlameGraph(sample, options: options(arrows)).svg())
    let names = svg.frameNames
    let drawn = svg.all("g", class: "arrow").map { arrow in
      ["data-from", "data-to"].map { names[Int(arrow.attributes[$0] ?? "") ?? 0] }
    }
    #expect(drawn == [["ukl_read", "ksys_read"], ["ukl_read", "tcp_recvmsg"]])
    #expect(svg.elements.filter { $0.name == "title" }.suffix(2).map(\.text) == ["byp", "cut"])
    #expect(
      svg.all("text", class: "caption").suffix(2).map(\.text) == [
        "UKL_BYP skips", "a shortcut skips",
      ])
    #expect(svg.all("g", class: "toggle").count == 1)
  }

  @Test func bypassBowsLeftShortcutRightAndRanksFanOut() throws {
    let (read, body, leaf) = try rows()
    let layout = Layout(sample, options: .init())
    let arrows = PlacedArrow.place(
      [
        FlameArrow(kind: .bypass, fromRow: read, toRow: body, label: ""),
        FlameArrow(kind: .shortcut, fromRow: read, toRow: body, label: ""),
        FlameArrow(kind: .shortcut, fromRow: read, toRow: leaf, label: ""),
      ], on: layout)
    #expect(arrows.map(\.rank) == [0, 0, 1])
    let geometry = Geometry(layout, options: .init())
    let points = arrows.map { numbers(geometry.path(of: $0, over: layout.frames)) }
    let anchor = 10 + 1180 * 0.001 + 1180 * 0.6 * 0.7  // in ukl_read's 60 % behind ukl_close
    #expect(points[0][0] < anchor && points[0][2] < points[0][0])
    #expect(points[1][0] > anchor && points[1][2] > points[1][0])
    #expect(points[2][0] > points[1][0] && points[2][2] > points[1][2])
  }

  @Test func arrowsThatWouldLeaveThePictureBowTheOtherWay() throws {
    // The bypass of a narrow tower at the left border: to the right, inside of the shortcut.
    let tree = tree("t;a;x;y 10", "t;b 990")
    let row = try #require(tree.row("t", "a"))
    let target = try #require(tree.row("t", "a", "x"))
    let layout = Layout(tree, options: .init())
    let geometry = Geometry(layout, options: .init())
    let points = PlacedArrow.place(
      FlameArrow.Kind.allCases.map {
        FlameArrow(kind: $0, fromRow: row, toRow: target, label: "")
      }, on: layout
    ).map { numbers(geometry.path(of: $0, over: layout.frames)) }
    #expect(points[0][2] > points[0][0] && points[0][2] < points[1][2])
  }

  private func numbers(_ path: String) -> [Double] {
    path.split { "MC ".contains($0) }.compactMap { Double($0) }
  }

  @Test func aFrameTooNarrowOrAbsentHasNoArrow() throws {
    let close = try #require(sample.row("t", "ukl_main", "ukl_close"))
    let arrows = [
      FlameArrow(kind: .bypass, fromRow: 1, toRow: close, label: ""),
      FlameArrow(kind: .bypass, fromRow: 0, toRow: sample.count, label: ""),
      FlameArrow(kind: .bypass, fromRow: -1, toRow: 1, label: ""),
    ]
    var options = options(arrows)
    #expect(PlacedArrow.place(arrows, on: Layout(sample, options: options)).count == 1)
    options.minimumWidth = 2
    let svg = ParsedSVG(FlameGraph(sample, options: options).svg())
    #expect(svg.failure == nil)
    #expect(svg.all("g", class: "arrow").isEmpty && svg.all("g", class: "toggle").isEmpty)
    #expect(svg.all("path", class: "line").isEmpty)
  }

  @Test func arrowsOfMergedRowsAreOneWithAllLabels() {
    let functions = ["ukl_read", "ukl___read", "ksys_read"].map {
      Function(symbol: $0, name: $0.hasPrefix("ukl") ? "read" : $0, origin: .application)
    }
    let (a, b, c) = (FunctionID(0), FunctionID(1), FunctionID(2))
    let tree = tree(of: [([a, c], 1), ([b, c], 1)], functions)  // rows: a 1, c 2, b 3, c 4
    var options = FlameOptions()
    options.spelling = .name
    let arrows = [(1, 2, "one"), (3, 4, "two"), (3, 4, "one")].map {
      FlameArrow(kind: .shortcut, fromRow: $0.0, toRow: $0.1, label: $0.2)
    }
    let placed = PlacedArrow.place(arrows, on: Layout(tree, options: options))
    #expect(placed.map(\.label) == ["one\ntwo"])
  }
}
