/// The symbols of one image, sorted by address: columns of equal length, names in one blob.
///
/// Where several names share an address all are kept, the one perf would show as the last of them.
public struct SymbolTable: Sendable {
  package private(set) var starts: [UInt64] = []
  /// One past the last address of each symbol.
  package private(set) var ends: [UInt64] = []
  private var nameStarts: [UInt32] = []
  private var nameEnds: [UInt32] = []
  private var names: [UInt8] = []

  /// A symbol as an image lists it.
  package struct Entry {
    var start: UInt64
    /// 0 where the image doesn't say.
    var size: UInt64
    /// Position of the name in the blob.
    var name: Range<UInt32>
    /// Orders names of one address: the greatest is shown.
    var rank: UInt64 = 0

    package init(start: UInt64, size: UInt64, name: Range<UInt32>, rank: UInt64 = 0) {
      self.start = start
      self.size = size
      self.name = name
      self.rank = rank
    }
  }

  package init() {}

  /// - Parameters:
  ///   - entries: in the order of the image.
  ///   - names: the blob their ranges point into.
  package init(_ entries: [Entry], names: [UInt8]) {
    self.names = names
    starts.reserveCapacity(entries.count)
    ends.reserveCapacity(entries.count)
    nameStarts.reserveCapacity(entries.count)
    nameEnds.reserveCapacity(entries.count)
    for entry in SymbolTable.sorted(entries) {
      starts.append(entry.start)
      ends.append(entry.start &+ min(entry.size, UInt64.max - entry.start))  // cannot wrap
      nameStarts.append(entry.name.lowerBound)
      nameEnds.append(entry.name.upperBound)
    }
    closeOpenEnds()
  }

  /// By address, then rank, then the image's order; kallsyms nearly is sorted as it stands.
  private static func sorted(_ entries: [Entry]) -> [Entry] {
    func key(_ entry: Entry) -> (UInt64, UInt64) { (entry.start, entry.rank) }
    var last: (UInt64, UInt64) = (0, 0)
    let isSorted = entries.allSatisfy { entry in
      defer { last = key(entry) }
      return last <= key(entry)
    }
    if isSorted { return entries }
    return entries.indices.sorted {
      let (a, b) = (entries[$0], entries[$1])
      return a.start != b.start ? a.start < b.start : (a.rank, $0) < (b.rank, $1)
    }.map { entries[$0] }
  }

  /// A symbol without a size reaches to the next address that has one; the last, as in perf, one page
  /// beyond the next page border.
  private mutating func closeOpenEnds() {
    var next: UInt64?
    for row in starts.indices.reversed() {
      if row + 1 < starts.count, starts[row + 1] != starts[row] { next = starts[row + 1] }
      guard ends[row] == starts[row] else { continue }
      ends[row] = next ?? SymbolTable.roundedUp(starts[row]).addingClamped(4096)
    }
  }

  private static func roundedUp(_ address: UInt64) -> UInt64 {
    address.addingClamped(0xfff) & ~0xfff
  }

  /// Number of symbols.
  public var count: Int { starts.count }

  /// The row of the symbol that covers `address`, the shown one of its aliases.
  package func row(covering address: UInt64) -> Int? {
    guard let row = row(atOrBefore: address), address < ends[row] else { return nil }
    return row
  }

  /// The last row that starts at or before `address`.
  package func row(atOrBefore address: UInt64) -> Int? {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  /// The symbol's name.
  public func name(_ row: Int) -> String {
    String(decoding: names[Int(nameStarts[row])..<Int(nameEnds[row])], as: UTF8.self)
  }

  /// All names of the address that `row` starts at, the shown one last.
  package func aliases(of row: Int) -> [String] {
    var first = row
    while first > 0, starts[first - 1] == starts[row] { first -= 1 }
    return (first...row).map(name)
  }

  /// Whether any symbol's name begins so.
  func containsName(startingWith prefix: String) -> Bool {
    let wanted = Array(prefix.utf8)
    return starts.indices.contains { hasName(startingWith: wanted, $0) }
  }

  /// Address of the first symbol with this name.
  public func address(of name: String) -> UInt64? {
    let wanted = Array(name.utf8)
    return starts.indices.first { row in
      Int(nameEnds[row] - nameStarts[row]) == wanted.count && hasName(startingWith: wanted, row)
    }.map { starts[$0] }
  }

  @inline(__always)
  private func hasName(startingWith wanted: [UInt8], _ row: Int) -> Bool {
    let start = Int(nameStarts[row])
    guard Int(nameEnds[row]) - start >= wanted.count else { return false }
    return wanted.indices.allSatisfy { names[start + $0] == wanted[$0] }
  }
}
