import Testing

@testable import Profiler

/// The innermost of nested ranges, worked out by hand.
@Suite struct NestedRangesTests {
  private func rows(_ stretches: [(UInt64, UInt64, Int)]) -> [Int?] {
    let ranges = NestedRanges(
      stretches.map { NestedRanges.Stretch(start: $0.0, end: $0.1, row: $0.2) })
    return (0..<10).map { ranges.row(covering: $0) }
  }

  @Test func innermostWins() {
    #expect(rows([]) == [nil, nil, nil, nil, nil, nil, nil, nil, nil, nil])
    #expect(rows([(1, 8, 0), (3, 5, 1)]) == [nil, 0, 0, 1, 1, 0, 0, 0, nil, nil])
    #expect(rows([(3, 5, 1), (1, 8, 0)]) == [nil, 0, 0, 1, 1, 0, 0, 0, nil, nil])
    // Three levels that end together; and one beside them.
    #expect(
      rows([(0, 4, 0), (1, 4, 1), (2, 4, 2), (4, 6, 3)]) == [0, 1, 2, 2, 3, 3, nil, nil, nil, nil])
  }

  @Test func ofEqualRangesTheLaterIsInside() {
    #expect(rows([(2, 4, 0), (2, 4, 1)]) == [nil, nil, 1, 1, nil, nil, nil, nil, nil, nil])
  }

  /// Damaged DWARF: ranges that cross, end before they begin, or are empty.
  @Test func rangesThatDoNotNest() {
    #expect(rows([(1, 5, 0), (3, 9, 1)]) == [nil, 0, 0, 1, 1, nil, nil, nil, nil, nil])
    #expect(rows([(5, 1, 0), (3, 3, 1)]) == [Int?](repeating: nil, count: 10))
    #expect(rows([(0, .max, 0), (9, .max, 1)]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  }
}
