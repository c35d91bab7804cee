/// Ranges of addresses, beside or inside each other; finds the innermost around an address.
///
/// Cut at all borders, so that one search answers:
///
///     ranges      [ main          [ inlined ]      ]   [ other ]
///     borders     |               |         |      |   |       |
///     rows        main            inlined   main   –   other   –
struct NestedRanges {
  /// A stretch of addresses and the number it stands for.
  struct Stretch {
    let start: UInt64
    let end: UInt64
    let row: Int
  }

  private var borders: [UInt64] = []
  /// The innermost row from each border on; −1 for none.
  private var rows: [Int] = []

  /// - Parameter stretches: in any order; of equal ones the greater row is the inner one. One that
  ///   reaches out of what it begins in is cut off there.
  init(_ stretches: [Stretch] = []) {
    var open: [(end: UInt64, row: Int)] = []
    let sorted = stretches.filter { $0.start < $0.end }.sorted {
      ($0.start, $1.end, $0.row) < ($1.start, $0.end, $1.row)
    }
    for stretch in sorted {
      close(&open, until: stretch.start)
      let end = min(stretch.end, open.last?.end ?? .max)
      open.append((end, stretch.row))
      mark(stretch.start, stretch.row)
    }
    close(&open, until: .max)
  }

  private mutating func close(_ open: inout [(end: UInt64, row: Int)], until address: UInt64) {
    while let last = open.last, last.end <= address {
      open.removeLast()
      mark(last.end, open.last?.row ?? -1)
    }
  }

  private mutating func mark(_ border: UInt64, _ row: Int) {
    if borders.last == border {
      rows[rows.count - 1] = row
    } else {
      borders.append(border)
      rows.append(row)
    }
  }

  /// The row of the innermost range around an address.
  func row(covering address: UInt64) -> Int? {
    var (low, high) = (0, borders.count)
    while low < high {
      let middle = (low + high) / 2
      if borders[middle] <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, rows[low - 1] >= 0 else { return nil }
    return rows[low - 1]
  }
}
