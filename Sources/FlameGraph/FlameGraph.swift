public import Profiler

/// A flame graph: every call path as a tower of frames as wide as its weight.
public struct FlameGraph: Sendable {
  private let tree: CallTree
  private let options: FlameOptions

  /// A picture of a sealed tree.
  public init(_ tree: CallTree, options: FlameOptions = .init()) {
    self.tree = tree
    self.options = options
  }

  /// The picture as one SVG document without any reference outside itself.
  ///
  /// In a browser it zooms (click, Enter), searches (Ctrl-F) and fits the window; elsewhere it is
  /// a still picture. Names are escaped: none of them can end an element or run as script.
  public func svg() -> String {
    var writer = SVGWriter(Layout(tree, options: options), options: options)
    return writer.document()
  }
}
