/// The symbols of one image, sorted by address: columns of equal length, names in one blob.
///
/// Where several names share an address all are kept, the one perf would show as the last of them.
public struct SymbolTable: Sendable {
  package private(set) var starts: [UInt64] = []
  /// See ``end(_:)``; empty where the image says no sizes.
  private var ends: [UInt64] = []
  /// Where in ``names`` each symbol's name stands.
  private var places: [Range<UInt32>] = []
  private var names = NameBytes.own([])

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
    self.names = .own(names)
    starts.reserveCapacity(entries.count)
    ends.reserveCapacity(entries.count)
    places.reserveCapacity(entries.count)
    // By address, then rank, then the image's order.
    let order = entries.indices.sorted {
      let (a, b) = (entries[$0], entries[$1])
      return a.start != b.start ? a.start < b.start : (a.rank, $0) < (b.rank, $1)
    }
    for entry in order.lazy.map({ entries[$0] }) {
      starts.append(entry.start)
      ends.append(entry.start &+ min(entry.size, UInt64.max - entry.start))  // cannot wrap
      places.append(entry.name)
    }
  }

  /// Symbols without sizes, of which no name counts more than another.
  ///
  /// - Parameters:
  ///   - starts: in the order of the image.
  ///   - places: where in `names` each one's name stands.
  init(starts: [UInt64], places: [Range<UInt32>], names: NameBytes) {
    self.names = names
    (self.starts, self.places) = (starts, places)
    // A kernel's symbols are sorted as they stand, but for its modules'.
    if zip(starts, starts.dropFirst()).contains(where: { $0 > $1 }) {
      let order = starts.indices.sorted { (starts[$0], $0) < (starts[$1], $1) }
      (self.starts, self.places) = (order.map { starts[$0] }, order.map { places[$0] })
    }
  }

  /// One past the last address of a symbol. One without a size reaches to the next address that has one;
  /// the last, as in perf, one page beyond the next page border. Passes by the aliases behind the row.
  package func end(_ row: Int) -> UInt64 {
    let start = starts[row]
    if !ends.isEmpty, ends[row] != start { return ends[row] }
    var next = row + 1
    while next < starts.count, starts[next] == start { next += 1 }
    return next < starts.count
      ? starts[next] : SymbolTable.roundedUp(start).addingClamped(4096)
  }

  private static func roundedUp(_ address: UInt64) -> UInt64 {
    address.addingClamped(0xfff) & ~0xfff
  }

  /// Number of symbols.
  public var count: Int { starts.count }

  /// The row of the symbol that covers `address`, the shown one of its aliases.
  package func row(covering address: UInt64) -> Int? {
    guard let row = row(atOrBefore: address), address < end(row) else { return nil }
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
    names.withBytes { String(utf8: $0.extracting(place(row))) }
  }

  @inline(__always)
  private func place(_ row: Int) -> Range<Int> {
    Int(places[row].lowerBound)..<Int(places[row].upperBound)
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
    return names.withBytes { bytes in
      places.indices.contains { bytes.hasBytes(wanted, atStartOf: place($0)) }
    }
  }

  /// Address of the first symbol with this name.
  public func address(of name: String) -> UInt64? {
    let wanted = Array(name.utf8)
    return names.withBytes { bytes in
      places.indices.first {
        places[$0].count == wanted.count && bytes.hasBytes(wanted, atStartOf: place($0))
      }
    }.map { starts[$0] }
  }
}

/// The bytes that names stand in: a table's own, or a file's.
package enum NameBytes: Sendable {
  case own([UInt8])
  case file(MappedFile)

  @inline(__always)
  func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    switch self {
    case .own(let bytes): body(bytes.span.bytes)
    case .file(let file): body(file.bytes)
    }
  }
}

extension RawSpan {
  @inline(__always)
  fileprivate func hasBytes(_ wanted: [UInt8], atStartOf range: Range<Int>) -> Bool {
    guard range.count >= wanted.count else { return false }
    return wanted.indices.allSatisfy {
      load(UInt8.self, at: range.lowerBound + $0, swapped: false) == wanted[$0]
    }
  }
}
