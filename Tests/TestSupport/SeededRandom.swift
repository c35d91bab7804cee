/// A random generator that repeats itself: SplitMix64 (Steele, Lea, Flood 2014).
///
/// A failing test prints the value as Swift that can be pasted into a test: `SeededRandom(0x2a)`.
public struct SeededRandom: RandomNumberGenerator, CustomStringConvertible, Sendable {
  private let seed: UInt64
  private var state: UInt64

  /// Starts the sequence that belongs to a seed.
  public init(_ seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// The expression that makes this generator anew.
  public var description: String { "SeededRandom(0x\(String(seed, radix: 16)))" }
}
