/// Pixels of the picture before any zoom; `flamegraph.js` repeats what a zoom changes.
struct Geometry {
  /// Height of a row of frames, the gap to the next included.
  static let rowHeight = 17.0
  /// Blank to the left and right of the frames.
  static let margin = 10.0
  /// Width of one column of text in the picture's font, a little more than most fonts have.
  static let columnWidth = 7.3
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
  func path(of arrow: PlacedArrow, over frames: [Frame]) -> String {
    let (from, to) = (frames[arrow.from], frames[arrow.to])
    let side = arrow.kind == .bypass ? -1.0 : 1.0
    let step = side * (4 + 6 * Double(arrow.rank))
    let middle = x(to) + width(to) / 2
    let (x0, x1) = (clamp(middle + step, to: from), clamp(middle + step, to: to))
    let (y0, y1) = (center(from), center(to))
    let bow = side * (26 + abs(y1 - y0) / 5 + 14 * Double(arrow.rank))
    let points = [(x0 + bow, y0), (x1 + bow, y1), (x1, y1)].map { "\(decimal($0)) \(decimal($1))" }
    return "M\(decimal(x0)) \(decimal(y0))C\(points.joined(separator: " "))"
  }

  private func center(_ frame: Frame) -> Double { y(frame) + (Self.rowHeight - 1) / 2 }

  private func clamp(_ x: Double, to frame: Frame) -> Double {
    min(max(x, self.x(frame)), self.x(frame) + width(frame))
  }
}
