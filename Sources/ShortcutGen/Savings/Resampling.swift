import Glibc

/// A small generator of random bits; the same seed gives the same numbers on every machine.
///
/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }

  /// Between 0 and 1, neither of them.
  mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

  /// Of mean 0 and variance 1 (Box and Muller).
  mutating func normal() -> Double {
    let radius = (-2 * log(uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// How many of `trials` hit, each with probability `p`.
  mutating func binomial(_ trials: UInt64, _ p: Double) -> UInt64 {
    guard trials > 0, p > 0 else { return 0 }
    guard p < 1 else { return trials }
    if p > 0.5 { return trials - binomial(trials, 1 - p) }
    return Double(trials) * p < 10 ? inverted(trials, p) : rejected(trials, p)
  }

  /// By adding probabilities up; takes about `trials × p` steps.
  private mutating func inverted(_ trials: UInt64, _ p: Double) -> UInt64 {
    let (n, odds) = (Double(trials), p / (1 - p))
    var probability = exp(n * log1p(-p))
    var rest = uniform()
    var hits = 0.0
    while rest > probability, hits < n, probability > 0 {
      rest -= probability
      hits += 1
      probability *= odds * (n - hits + 1) / hits
    }
    return UInt64(hits)
  }

  /// By transformed rejection (Hörmann: "The generation of binomial random variates", 1993; BTRS).
  private mutating func rejected(_ trials: UInt64, _ p: Double) -> UInt64 {
    let (n, q) = (Double(trials), 1 - p)
    let spread = (n * p * q).squareRoot()
    let b = 1.15 + 2.53 * spread
    let a = -0.0873 + 0.0248 * b + 0.01 * p
    let alpha = (2.83 + 5.1 / b) * spread
    let mode = ((n + 1) * p).rounded(.down)
    let atMode = lgamma(mode + 1) + lgamma(n - mode + 1)
    while true {
      let u = uniform() - 0.5
      let us = 0.5 - abs(u)
      let hits = ((2 * a / us + b) * u + n * p + 0.5).rounded(.down)
      let v = uniform()
      guard hits >= 0, hits <= n else { continue }
      if us >= 0.07, v <= 0.92 - 4.2 / b { return UInt64(hits) }
      let height = log(v * alpha / (a / (us * us) + b))
      let limit =
        atMode - lgamma(hits + 1) - lgamma(n - hits + 1) + (hits - mode) * log(p / q)
      if height <= limit { return UInt64(hits) }
    }
  }
}

/// Draws recordings like the one at hand: as many samples, each of which falls into a cell with the
/// share that the cell had. Cells are disjoint sets of stacks; drawing cells draws stacks.
struct Resampling {
  /// How often recordings are drawn.
  static let count = 2000
  private static let seed: UInt64 = 0x756b_6c2d_7363

  private struct Cell {
    let share: Double
    let mean: Double
    let deviation: Double
  }

  private let cells: [Cell]
  private let trials: UInt64

  init(_ tallies: [Tally]) {
    trials = tallies.reduce(0) { $0 &+ $1.samples }
    var left = Double(trials)
    cells = tallies.map { tally in
      let n = Double(tally.samples)
      defer { left -= n }
      let mean = n > 0 ? Double(tally.weight) / n : 0
      let variance = n > 0 ? max(0, tally.squares / n - mean * mean) : 0
      return Cell(
        share: left > 0 ? min(1, n / left) : 0, mean: mean, deviation: variance.squareRoot())
    }
  }

  /// - Parameter body: takes the cells' weights of each drawn recording.
  func each(_ body: ([Double]) -> Void) {
    var random = SplitMix(seed: Resampling.seed)
    var weights = [Double](repeating: 0, count: cells.count)
    for _ in 0..<Resampling.count {
      var left = trials
      for (index, cell) in cells.enumerated() {
        let hits = random.binomial(left, cell.share)
        left -= hits
        weights[index] = Double(hits) * cell.mean
        if cell.deviation > 0, hits > 0 {
          weights[index] += random.normal() * cell.deviation * Double(hits).squareRoot()
        }
      }
      body(weights)
    }
  }
}

extension [Double] {
  /// The values between which the middle 95 % lie.
  var middle95: (low: Double, high: Double) {
    guard !isEmpty else { return (0, 0) }
    let sorted = sorted()
    func quantile(_ q: Double) -> Double {
      let place = q * Double(count - 1)
      let below = Int(place)
      let above = Swift.min(below + 1, count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return (quantile(0.025), quantile(0.975))
  }
}
