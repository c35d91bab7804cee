/// The merged call paths of a set of samples: one node for each distinct path.
///
/// Columns of equal length, one row a node. Parents precede their children, so one backward loop
/// sums totals and one forward loop walks from the root. Row 0 is the root; it stands for no
/// function (`parent` −1).
///
///     row       0     1       2      3
///     function  –     main    read   write
///     parent    −1    0       1      1
public struct CallTree: Sendable {
  /// Row of the caller, −1 for the root.
  public private(set) var parent: [Int32]
  /// The function of each row; the root's has no meaning.
  public private(set) var function: [FunctionID]
  /// Weight of the samples that ended in exactly this path.
  public private(set) var selfWeight: [UInt64]
  /// `selfWeight` of the row and all rows below it; valid after ``seal()``.
  public private(set) var totalWeight: [UInt64]
  /// What the ids in `function` mean.
  public let functions: [Function]

  private var childRows = IntegerMap(bits: 10)

  /// An empty tree over the functions of one profile.
  public init(functions: [Function]) {
    parent = [-1]
    function = [FunctionID(0)]
    selfWeight = [0]
    totalWeight = [0]
    self.functions = functions
  }

  /// Number of rows, the root included.
  public var count: Int { parent.count }

  /// The row of `callee` below `row`, made if it isn't there.
  public mutating func child(of row: Int, calling callee: FunctionID) -> Int {
    let new = parent.count
    let found = childRows.row(
      of: UInt64(row) << 32 | UInt64(callee.rawValue), orInsert: UInt32(new))
    guard Int(found) == new else { return Int(found) }
    parent.append(Int32(row))
    function.append(callee)
    selfWeight.append(0)
    totalWeight.append(0)
    return new
  }

  /// Adds the weight of samples whose innermost frame is `row`.
  public mutating func add(_ weight: UInt64, to row: Int) { selfWeight[row].addClamped(weight) }

  /// Sums the totals; call once after the last ``add(_:to:)``.
  public mutating func seal() {
    totalWeight = selfWeight
    for row in parent.indices.reversed() where parent[row] >= 0 {
      totalWeight[Int(parent[row])].addClamped(totalWeight[row])
    }
  }
}
