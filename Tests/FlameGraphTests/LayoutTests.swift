import Profiler
import Testing

@testable import FlameGraph

@Suite struct LayoutTests {
  private func described(_ layout: Layout) -> [String] {
    layout.frames.map { frame in
      let name = frame.parent < 0 ? "all" : layout.printed.text(of: frame.node)
      return "\(name) \(frame.x)+\(frame.weight) @\(frame.depth) on \(frame.parent)"
    }
  }

  @Test func childrenLieOnTheirParentSortedByName() {
    let layout = Layout(tree("t;b 3", "t;a;x 2", "t;a 1", "t 4"), options: .init())
    #expect(
      described(layout) == [
        "all 0+10 @0 on -1", "t 0+10 @1 on 0", "a 0+3 @2 on 1", "b 3+3 @2 on 1", "x 0+2 @3 on 2",
      ])
    #expect(layout.total == 10 && layout.depth == 3)
  }

  @Test func siblingsThatPrintAlikeMergeOnlyWithinAnOrigin() {
    let tree = tree("t;ukl_read;x 2", "t;read;x 3", "t;ukl_read;y 1")
    var options = FlameOptions()
    #expect(Layout(tree, options: options).frames.count == 7)
    options.spelling = .name
    // application `read` (3) and kernel `read` (3) stay two frames: application sorts first.
    #expect(
      described(Layout(tree, options: options)).filter { $0.contains("read") } == [
        "read 0+3 @2 on 1", "read 3+3 @2 on 1",
      ])
    let one = reads(["ukl_read", "read"])
    #expect(described(Layout(one, options: options)).filter { $0.contains("read") }.count == 1)
  }

  /// The application's `read` under several symbols, side by side.
  private func reads(_ symbols: [String]) -> CallTree {
    let functions = symbols.map { Function(symbol: $0, name: "read", origin: .application) }
    return tree(of: symbols.indices.map { ([FunctionID($0)], 1) }, functions)
  }

  @Test(arguments: [(minimum: 1.0, frames: 4), (1.01, 3), (999.0, 3), (999.1, 2)])
  func narrowFramesAreNotDrawnButTheirWeightStays(minimum: Double, frames: Int) {
    // 1000 pixels for a weight of 1000: a is 999 pixels wide, b is 1.
    var options = FlameOptions()
    options.width = 1000 + Int(2 * Geometry.margin)
    options.minimumWidth = minimum
    let layout = Layout(tree("t;a 999", "t;b 1"), options: options)
    #expect(layout.frames.count == frames)
    #expect(layout.frames[1].weight == 1000)
  }

  @Test func pixelsFollowWidthMarginAndDirection() {
    var options = FlameOptions()
    options.width = 1000 + Int(2 * Geometry.margin)
    let layout = Layout(tree("t;a 1", "t;b 3"), options: options)
    let flame = Geometry(layout, options: options)
    #expect(layout.frames.map(flame.x) == [10, 10, 10, 260])
    #expect(layout.frames.map(flame.width) == [1000, 1000, 250, 750])
    #expect(flame.y(layout.frames[0]) - flame.y(layout.frames[3]) == 2 * Geometry.rowHeight)
    options.inverted = true
    let icicle = Geometry(layout, options: options)
    #expect(icicle.y(layout.frames[3]) - icicle.y(layout.frames[0]) == 2 * Geometry.rowHeight)
  }

  @Test func aTreeWithoutWeightIsARoot() {
    let layout = Layout(CallTree(functions: []), options: .init())
    #expect(described(layout) == ["all 0+0 @0 on -1"])
    #expect(Geometry(layout, options: .init()).width(layout.frames[0]) == 1180)
  }

  @Test(arguments: [
    ("tcp_recvmsg", 11, "tcp_recvmsg"), ("tcp_recvmsg", 10, "tcp_recvm…"), ("abc", 3, "abc"),
    ("abcd", 3, "ab…"), ("abc", 2, nil), ("函数函数", 8, "函数函数"), ("函数函数", 7, "函数函…"),
    ("函数函数", 6, "函数…"),
  ])
  func textIsCutToItsColumns(text: String, columns: Int, fit: String?) {
    #expect(fitted(text, columns: columns) == fit)
  }

  @Test func coloursDependOnNameAndOriginOnly() {
    let kernel = Palette.colour(of: "tcp_recvmsg", .kernel)
    #expect(kernel == Palette.colour(of: "tcp_recvmsg", .kernel))
    #expect(kernel != Palette.colour(of: "tcp_sendmsg", .kernel))
    #expect(kernel != Palette.colour(of: "tcp_recvmsg", .application))
    #expect(Colour(0x0a7a2f).hex == "#0a7a2f")
  }

  @Test(arguments: [
    (1, 3, "33.33"), (2, 3, "66.67"), (1, 1, "100.00"), (0, 0, "0.00"), (1, 20_000, "0.01"),
  ])
  func percentagesHaveTwoDigits(part: UInt64, whole: UInt64, text: String) {
    #expect(percent(part, of: whole) == text)
  }
}
