import Foundation
import Testing

@testable import ShortcutGen

/// The bootstrap against what is known in closed form.
@Suite struct ResamplingTests {
  /// Mean n·p and variance n·p·(1−p), both ways of drawing; 20 000 draws know the mean to within
  /// 4 standard errors and the variance to within 6 %.
  @Test(arguments: [
    (trials: 20, p: 0.1), (1000, 0.001), (50, 0.5), (3295, 0.04), (1_000_000, 0.3), (40, 0.97),
  ])
  func binomialHasItsMoments(trials: Int, p: Double) {
    var random = SplitMix(seed: 1)
    let draws = (0..<20_000).map { _ in Double(random.binomial(UInt64(trials), p)) }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    let expected = Double(trials) * p * (1 - p)
    #expect(abs(mean - Double(trials) * p) < 4 * (expected / 20_000).squareRoot())
    #expect(abs(variance / expected - 1) < 0.06)
    #expect(draws.allSatisfy { (0...Double(trials)).contains($0) })
  }

  /// The published first outputs of SplitMix64 for the seed 1234567.
  @Test func generatorIsThePublishedOne() {
    var random = SplitMix(seed: 1_234_567)
    let first = (0..<3).map { _ in random.next() }
    #expect(
      first == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  /// The middle 95 % of drawn shares is what the normal approximation says, p ± 1.96 √(p(1−p)/n).
  @Test func intervalOfAShareIsTheKnownOne() {
    var (inside, outside) = (Tally(), Tally())
    inside.add(400, 400)
    outside.add(3600, 3600)
    var shares: [Double] = []
    Resampling([inside, outside]).each { shares.append($0[0] / ($0[0] + $0[1])) }
    let error = 1.96 * (0.1 * 0.9 / 4000).squareRoot()
    #expect(abs(shares.middle95.low - (0.1 - error)) < 0.0008)
    #expect(abs(shares.middle95.high - (0.1 + error)) < 0.0008)
  }

  /// Samples of unequal weight make a share less certain: of 400 samples half weigh 1 and half 99.
  @Test func unequalWeightsWidenTheInterval() {
    var (even, uneven, rest) = (Tally(), Tally(), Tally())
    even.add(400, 20_000)
    uneven.add(200, 200)
    uneven.add(200, 19_800)
    rest.add(3600, 180_000)
    func width(_ cell: Tally) -> Double {
      var weights: [Double] = []
      Resampling([cell, rest]).each { weights.append($0[0]) }
      return weights.middle95.high - weights.middle95.low
    }
    // Variance of a sum of n draws: n(1−n/N)·mean² for equal weights, n·var on top for unequal ones.
    let (equal, more) = (400 * 0.9 * 50.0 * 50, 400 * 49.0 * 49)
    let expected = ((equal + more) / equal).squareRoot()
    #expect(abs(width(uneven) / width(even) / expected - 1) < 0.1)
  }

  @Test func sameInputSameNumbers() {
    var cell = Tally()
    cell.add(100, 100)
    func run() -> [Double] {
      var out: [Double] = []
      Resampling([cell, cell]).each { out.append($0[0]) }
      return out
    }
    #expect(run() == run())
  }
}
