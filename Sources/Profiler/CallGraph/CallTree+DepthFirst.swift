extension CallTree {
  /// The rows depth first: every row is followed by its whole subtree, siblings ascend by
  /// function id.
  ///
  /// - Returns: `count` rows; the root is the first.
  /// - Complexity: linear in rows and functions, with no recursion however deep the tree is.
  public func depthFirstRows() -> [Int32] {
    let children = SiblingLinks(of: self)
    let size = subtreeSizes()
    var place = [Int32](repeating: 0, count: count)
    var order = place
    for row in 0..<count {
      order[Int(place[row])] = Int32(row)
      var next = place[row] + 1
      var child = children.first[row]
      while child >= 0 {
        place[Int(child)] = next
        next += size[Int(child)]
        child = children.next[Int(child)]
      }
    }
    return order
  }

  /// How many rows each row's subtree has, the row itself included.
  private func subtreeSizes() -> [Int32] {
    var size = [Int32](repeating: 1, count: count)
    for row in parent.indices.reversed() where parent[row] >= 0 {
      size[Int(parent[row])] += size[row]
    }
    return size
  }

  /// The rows but the root, by function id and then by row: a counting sort.
  fileprivate func rowsByFunction() -> [Int32] {
    var place = [Int32](repeating: 0, count: functions.count + 1)
    for id in function.dropFirst() { place[id.index + 1] += 1 }
    for index in place.indices.dropFirst() { place[index] += place[index - 1] }
    var rows = [Int32](repeating: 0, count: count - 1)
    for row in 1..<count {
      let id = function[row].index
      rows[Int(place[id])] = Int32(row)
      place[id] += 1
    }
    return rows
  }
}

/// The children of every row as linked lists, ascending by function id; −1 ends a list.
private struct SiblingLinks {
  var first: [Int32]
  var next: [Int32]

  init(of tree: CallTree) {
    first = [Int32](repeating: -1, count: tree.count)
    next = first
    for row in tree.rowsByFunction().reversed() {
      let parent = Int(tree.parent[Int(row)])
      next[Int(row)] = first[parent]
      first[parent] = row
    }
  }
}
