import Glibc

/// Intervals for means of few measurements.
enum Student {
  static func logarithm(_ x: Double) -> Double { log(x) }
  static func exponential(_ x: Double) -> Double { exp(x) }

  static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  static func variance(_ values: [Double]) -> Double {
    let middle = mean(values)
    let sum = values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
    return values.count < 2 ? 0 : sum / Double(values.count - 1)
  }

  /// Half the width of the 95 % interval of a mean; nil of fewer than two values.
  static func spread(_ values: [Double]) -> Double? {
    guard values.count > 1 else { return nil }
    let error = (variance(values) / Double(values.count)).squareRoot()
    return quantile(Double(values.count - 1)) * error
  }

  /// The same of the difference of two means, by Welch (Biometrika 34, 1947).
  static func spread(_ a: [Double], beside b: [Double]) -> Double? {
    guard a.count > 1, b.count > 1 else { return nil }
    let (x, y) = (variance(a) / Double(a.count), variance(b) / Double(b.count))
    guard x + y > 0 else { return 0 }
    let freedom =
      (x + y) * (x + y) / (x * x / Double(a.count - 1) + y * y / Double(b.count - 1))
    return quantile(freedom) * (x + y).squareRoot()
  }

  /// The t beyond which 5 % lie on both sides together: I_x(ν/2, 1/2) = 0.05 with x = ν / (ν + t²).
  static func quantile(_ freedom: Double) -> Double {
    let x = Binomial.inverseIncompleteBeta(0.05, freedom / 2, 0.5)
    return (freedom * (1 - x) / max(x, 1e-300)).squareRoot()
  }
}
