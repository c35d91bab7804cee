extension UInt64 {
  /// Adds a number that came from a file: stops at the largest value, where `+=` would trap.
  mutating func addClamped(_ other: UInt64) {
    let (sum, overflow) = addingReportingOverflow(other)
    self = overflow ? .max : sum
  }
}
