import Foundation
import Testing

@testable import ShortcutGen

/// Exact bounds against values from elsewhere.
@Suite struct BinomialTests {
  /// Clopper–Pearson 95 % intervals as statistics texts and R's binom.test print them.
  @Test(arguments: [
    (hits: 5, trials: 10, low: 0.1870860, high: 0.8129140),
    (1, 10, 0.0025286, 0.4450161), (0, 10, 0, 0.3084971), (10, 10, 0.6915029, 1),
    (3, 100, 0.0062297, 0.0851763),
  ])
  func twoSidedInterval(hits: Int, trials: Int, low: Double, high: Double) {
    let (k, n) = (UInt64(hits), UInt64(trials))
    #expect(abs(Binomial.lowerBound(hits: k, of: n, alpha: 0.025) - low) < 1e-6)
    #expect(abs(Binomial.upperBound(hits: k, of: n, alpha: 0.025) - high) < 1e-6)
  }

  /// All of n: the bound is alpha^(1/n), in closed form.
  @Test(arguments: [1, 6, 29, 434, 1_000_000])
  func allHits(trials: Int) {
    let bound = Binomial.lowerBound(hits: UInt64(trials), of: UInt64(trials), alpha: 0.05)
    #expect(abs(bound - pow(0.05, 1 / Double(trials))) < 1e-9)
  }

  @Test func nothingSeenBoundsNothing() {
    #expect(Binomial.lowerBound(hits: 0, of: 0, alpha: 0.05) == 0)
    #expect(Binomial.upperBound(hits: 0, of: 0, alpha: 0.05) == 1)
  }

  /// I_x(1, b) = 1 − (1 − x)^b and I_x(a, 1) = x^a.
  @Test(arguments: [0.001, 0.2, 0.5, 0.9], [1.0, 3, 50])
  func incompleteBetaInClosedForm(x: Double, shape: Double) {
    #expect(abs(Binomial.incompleteBeta(x, 1, shape) - (1 - pow(1 - x, shape))) < 1e-12)
    #expect(abs(Binomial.incompleteBeta(x, shape, 1) - pow(x, shape)) < 1e-12)
  }
}
