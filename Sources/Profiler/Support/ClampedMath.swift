extension UInt64 {
  /// Adds a number that came from a file: stops at the largest value, where `+=` would trap.
  mutating func addClamped(_ other: UInt64) { self = addingClamped(other) }

  /// The sum, or the largest value where it doesn't fit.
  func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
