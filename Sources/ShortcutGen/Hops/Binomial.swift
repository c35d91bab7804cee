import Glibc

/// Exact bounds for a share estimated from counts (Clopper and Pearson, Biometrika 26, 1934).
public enum Binomial {
  /// The largest share that `hits` of `trials` or more would be an accident of probability
  /// `alpha` for; 0 for no hits.
  public static func lowerBound(hits: UInt64, of trials: UInt64, alpha: Double) -> Double {
    guard trials > 0, hits > 0 else { return 0 }
    return inverseIncompleteBeta(
      alpha, Double(hits), Double(trials - min(hits, trials)) + 1)
  }

  /// The smallest share that `hits` of `trials` or fewer would be an accident of probability
  /// `alpha` for; 1 where every trial hit.
  public static func upperBound(hits: UInt64, of trials: UInt64, alpha: Double) -> Double {
    guard trials > 0, hits < trials else { return 1 }
    return inverseIncompleteBeta(1 - alpha, Double(hits) + 1, Double(trials - hits))
  }

  /// x with I_x(a, b) = p, by bisection: I is monotonic in x.
  static func inverseIncompleteBeta(_ p: Double, _ a: Double, _ b: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if incompleteBeta(middle, a, b) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22).
  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    // The fraction converges fast left of the mean; right of it the symmetric one does.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    var (c, d) = (1.0, 1 / nonzero(1 - (a + b) * x / (a + 1)))
    var fraction = d
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonzero(1 + even * d)
      c = nonzero(1 + even / c)
      fraction *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonzero(1 + odd * d)
      c = nonzero(1 + odd / c)
      fraction *= d * c
      if abs(d * c - 1) < 1e-14 { break }
    }
    return front * fraction
  }

  private static func nonzero(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
}
