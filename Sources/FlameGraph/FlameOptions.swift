/// How a ``FlameGraph`` is drawn.
public struct FlameOptions: Sendable {
  /// Heading of the picture.
  public var title = "Flame graph"
  /// A line below the heading; none if empty. Default is none.
  public var subtitle = ""
  /// What weights count, in the plural: `samples`, `cycles`.
  public var unit = "samples"
  /// Width in pixels before a browser fits the picture to its window; at least 200. Default is
  /// 1200.
  public var width = 1200
  /// Frames narrower than this many pixels at `width` are not drawn; their weight stays in the
  /// frame that they stand on. Default is 0.1.
  public var minimumWidth = 0.1
  /// Root at the top, leaves hanging down ("icicle"). Default is `false`: root at the bottom.
  public var inverted = false
  /// Which name of a function its frame bears. Default is ``FunctionSpelling/symbol``.
  public var spelling = FunctionSpelling.symbol
  /// What shortcuts skip, drawn over the frames. Default is none.
  public var arrows: [FlameArrow] = []

  /// What the picture is compared with, of a tree that ``DifferentialTree`` made; frames are then red
  /// or blue by their difference. Default is none.
  public var baseline: FlameBaseline?

  /// The defaults.
  public init() {}
}
