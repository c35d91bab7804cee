import Profiler

/// One drawn node. Positions are in weight, so a zoom only changes the scale.
struct Frame: Equatable {
  /// Row of the printed tree.
  let node: Int
  /// Index of the frame it stands on, −1 for the root's.
  let parent: Int
  /// Weight of all frames left of it.
  let x: UInt64
  /// Its width: the total weight of the node.
  let weight: UInt64
  /// 0 for the root.
  let depth: Int
}

/// Where the frames of a flame graph are.
///
///     depth 2      c
///     depth 1   a────── b──
///     depth 0   root───────
///
/// Children lie on their parent from its left edge on, sorted by name; what is left at the right
/// is the parent's own weight.
struct Layout {
  /// The tree with its look-alike siblings merged.
  let printed: PrintedTree
  /// The drawn frames by depth, then from left to right; the root is always the first.
  let frames: [Frame]
  /// For each row of the printed tree its frame, −1 for those too narrow to be drawn.
  private let frameOfNode: [Int32]

  /// Lays a sealed tree out.
  init(_ tree: CallTree, options: FlameOptions) {
    let printed = PrintedTree(tree) { (options.spelling.text(of: $0), $0.origin, $0.isInlined) }
    let share = options.minimumWidth / Geometry.frameArea(options)
    let placed = Self.place(printed.tree, minimum: share * Double(printed.tree.totalWeight[0]))
    self.printed = printed
    (frames, frameOfNode) = Self.link(placed, in: printed.tree)
  }

  /// Weight of the whole picture.
  var total: UInt64 { frames[0].weight }

  /// Depth of the highest drawn frame.
  var depth: Int { frames.last?.depth ?? 0 }

  /// The frame that stands for a row of the original tree, if it is drawn.
  func frame(ofRow row: Int) -> Int? {
    guard printed.nodeOfRow.indices.contains(row) else { return nil }
    let frame = frameOfNode[Int(printed.nodeOfRow[row])]
    return frame >= 0 ? Int(frame) : nil
  }

  private typealias Place = (node: Int, x: UInt64, depth: Int)

  /// The places of all nodes at least `minimum` wide, depth first.
  private static func place(_ tree: CallTree, minimum: Double) -> [Place] {
    var next = [UInt64](repeating: 0, count: tree.count)
    var depth = [Int32](repeating: 0, count: tree.count)
    var places: [Place] = [(0, 0, 0)]
    for node in tree.depthFirstRows().dropFirst().map(Int.init) {
      let parent = Int(tree.parent[node])
      let x = next[parent]
      next[parent] += tree.totalWeight[node]
      next[node] = x
      depth[node] = depth[parent] + 1
      let weight = tree.totalWeight[node]
      if weight > 0 && Double(weight) >= minimum { places.append((node, x, Int(depth[node]))) }
    }
    return places
  }

  /// Frames by depth and x; a node's parent is at least as wide as the node, so it is drawn too.
  private static func link(_ places: [Place], in tree: CallTree) -> ([Frame], [Int32]) {
    var frameOfNode = [Int32](repeating: -1, count: tree.count)
    var frames: [Frame] = []
    for place in places.sorted(by: { ($0.depth, $0.x) < ($1.depth, $1.x) }) {
      let parent = place.node == 0 ? -1 : frameOfNode[Int(tree.parent[place.node])]
      frameOfNode[place.node] = Int32(frames.count)
      frames.append(
        Frame(
          node: place.node, parent: Int(parent), x: place.x,
          weight: tree.totalWeight[place.node], depth: place.depth))
    }
    return (frames, frameOfNode)
  }
}
