/// Pixels of the picture before any zoom; `flamegraph.js` repeats what a zoom changes.
struct Geometry {
  /// Height of a row of frames, the gap to the next included.
  static let rowHeight = 17.0
  /// Blank to the left and right of the frames.
  static let margin = 10.0
  /// Width of one column of text in the picture's font, a little more than most fonts have.
  static let columnWidth = 7.3
  /// Frames at least this wide have room for arrows beside their text.
  static let wideFrame = 160.0
  /// Height of the line below the frames.
  static let footer = 34.0

  let width: Double
  /// Where the frames begin: below title, subtitle and legend.
  let top: Double
  let height: Double
  private let scale: Double
  private let depth: Int
  private let inverted: Bool

  init(_ layout: Layout, options: FlameOptions) {
    width = Self.pictureWidth(options)
    top = options.subtitle.isEmpty ? 68 : 86
    height = top + Double(layout.depth + 1) * Self.rowHeight + Self.footer
    scale = layout.total > 0 ? Self.frameArea(options) / Double(layout.total) : 0
    depth = layout.depth
    inverted = options.inverted
  }

  private static func pictureWidth(_ options: FlameOptions) -> Double {
    Double(max(200, options.width))
  }

  /// Width in pixels of the root.
  static func frameArea(_ options: FlameOptions) -> Double {
    pictureWidth(options) - 2 * margin
  }

  /// Left edge of a frame.
  func x(_ frame: Frame) -> Double { Self.margin + Double(frame.x) * scale }

  /// Upper edge of a frame.
  func y(_ frame: Frame) -> Double {
    top + Double(inverted ? frame.depth : depth - frame.depth) * Self.rowHeight
  }

  /// Width of a frame; a picture without weight still shows its root.
  func width(_ frame: Frame) -> Double {
    scale > 0 ? Double(frame.weight) * scale : width - 2 * Self.margin
  }

  /// Width of a frame's box: half a pixel less where that leaves a gap to the next.
  func boxWidth(_ frame: Frame) -> Double {
    let width = width(frame)
    return width > 2 ? width - 0.5 : width
  }

  /// The curve of an arrow: it leaves its frame sideways, bows out over what is skipped and comes
  /// back sideways; bypasses bow to the left, shortcuts to the right.
  ///
  /// One that would leave the picture bows to the other side: a bypass inside of the shortcut that
  /// may be there, a shortcut outside of the bypass.
  func path(of arrow: PlacedArrow, over frames: [Frame]) -> String {
    let side = arrow.kind == .bypass ? -1.0 : 1.0
    let curve = curve(of: arrow, over: frames, side: side, stretch: 1)
    guard curve.extent > 0 && curve.extent < width else {
      let stretch = arrow.kind == .bypass ? 0.5 : 1.6
      return self.curve(of: arrow, over: frames, side: -side, stretch: stretch).path
    }
    return curve.path
  }

  /// It leaves a wide frame right of its text, a narrow one at the edge, and goes straight up from
  /// there as far as the frame it points to allows.
  private func curve(
    of arrow: PlacedArrow, over frames: [Frame], side: Double, stretch: Double
  ) -> ArrowCurve {
    let (from, to) = (frames[arrow.from], frames[arrow.to])
    let (left, width, rank) = (x(from), width(from), Double(arrow.rank))
    let isWide = width >= Self.wideFrame
    let anchor = isWide ? left + 0.7 * width + 4 * side : left + width / 2 * (1 + side)
    let tip = clamp(anchor, to: to)
    let (y0, y1) = (center(from), center(to))
    let bow = side * stretch * (26 + abs(y1 - y0) / 5 + 14 * rank)
    return ArrowCurve(x0: clamp(tip + side * 6 * rank, to: from), y0: y0, x1: tip, y1: y1, bow: bow)
  }

  private func center(_ frame: Frame) -> Double { y(frame) + (Self.rowHeight - 1) / 2 }

  private func clamp(_ x: Double, to frame: Frame) -> Double {
    min(max(x, self.x(frame)), self.x(frame) + width(frame))
  }
}

/// Two points and how far the curve between them bows out; to the left if negative.
private struct ArrowCurve {
  let x0: Double
  let y0: Double
  let x1: Double
  let y1: Double
  let bow: Double

  /// The x farthest out; a Bézier curve reaches three quarters of the way to its control points.
  var extent: Double { (x0 + x1) / 2 + 0.75 * bow }

  /// SVG path data.
  var path: String {
    let points = [(x0 + bow, y0), (x1 + bow, y1), (x1, y1)].map { "\(decimal($0)) \(decimal($1))" }
    return "M\(decimal(x0)) \(decimal(y0))C\(points.joined(separator: " "))"
  }
}
