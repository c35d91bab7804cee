import Testing

@testable import Profiler

/// Look-up of addresses in a sorted table of symbols.
@Suite struct SymbolTableTests {
  /// Builds a table from rows of start, size and name.
  private func table(_ rows: [(UInt64, UInt64, String)], ranks: [UInt64] = []) -> SymbolTable {
    var names: [UInt8] = []
    let entries = rows.enumerated().map { index, row in
      let start = UInt32(names.count)
      names += Array(row.2.utf8)
      return SymbolTable.Entry(
        start: row.0, size: row.1, name: start..<UInt32(names.count),
        rank: index < ranks.count ? ranks[index] : 0)
    }
    return SymbolTable(entries, names: names)
  }

  private func name(_ table: SymbolTable, _ address: UInt64) -> String? {
    table.row(covering: address).map(table.name)
  }

  @Test func emptyTable() {
    #expect(SymbolTable().row(covering: 0) == nil)
    #expect(SymbolTable().row(covering: .max) == nil)
    #expect(SymbolTable().address(of: "x") == nil)
  }

  @Test(
    arguments: [
      (0xfff, nil), (0x1000, "a"), (0x100f, "a"), (0x1010, nil), (0x1fff, nil), (0x2000, "b"),
      (0x2fff, "b"), (0x3000, "c"),
    ] as [(UInt64, String?)])
  func sizesAndGaps(address: UInt64, wanted: String?) {
    // b has no size: it reaches to c
    let table = table([(0x3000, 4, "c"), (0x1000, 0x10, "a"), (0x2000, 0, "b")])
    #expect(name(table, address) == wanted)
  }

  /// perf: the last symbol without a size ends one page behind the next page border,
  /// `roundup(start, 4096) + 4096`.
  @Test(
    arguments: [(0x1001, 0x2fff, 0x3000), (0x1000, 0x1fff, 0x2000)] as [(UInt64, UInt64, UInt64)])
  func lastSymbolWithoutSize(start: UInt64, inside: UInt64, outside: UInt64) {
    let table = table([(start, 0, "last")])
    #expect(name(table, inside) == "last")
    #expect(name(table, outside) == nil)
  }

  @Test(arguments: [0, 1, 0x1000, .max] as [UInt64])
  func endOfTheAddressSpace(size: UInt64) {
    let table = table([(.max - 1, size, "end"), (0, size, "begin")])
    #expect(name(table, .max - 1) == "end")
    #expect(name(table, 0) == "begin")
    #expect(table.address(of: "end") == UInt64.max - 1)
  }

  /// The greatest rank is shown; of equal ones the last in the image's order.
  @Test func aliases() {
    let names = table(
      [(0x10, 8, "low"), (0x10, 8, "high"), (0x10, 8, "middle")], ranks: [1, 3, 2])
    #expect(name(names, 0x12) == "high")
    #expect(names.row(covering: 0x12).map(names.aliases) == ["low", "middle", "high"])
    let equal = table([(0x10, 0, "first"), (0x10, 0, "last"), (0x20, 0, "end")])
    #expect(name(equal, 0x1f) == "last")
  }

  @Test func namesThatAreNotUTF8() {
    let table = SymbolTable(
      [SymbolTable.Entry(start: 1, size: 1, name: 0..<2)], names: [0xff, UInt8(ascii: "a")])
    #expect(table.name(0) == "\u{fffd}a")
  }
}
