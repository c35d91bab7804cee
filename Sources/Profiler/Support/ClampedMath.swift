extension UInt64 {
  /// Adds a number that came from a file: stops at the largest value, where `+=` would trap.
  mutating func addClamped(_ other: UInt64) { self = addingClamped(other) }

  /// The sum, or the largest value where it doesn't fit.
  func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The product, or the largest value where it doesn't fit.
  func multipliedClamped(by factor: UInt64) -> UInt64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
