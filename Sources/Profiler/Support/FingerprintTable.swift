/// 96 bits that stand for a sequence of words: two lanes of multiply-and-fold, two words a step. A long
/// sequence has four, of which each takes other words, since each waits for its multiplication: where
/// two such sequences differ in two words next to each other, the 64 bits of a lane tell them apart.
///
/// The lanes begin with, and multiply by, numbers drawn once per run, so that no recording can be
/// made whose chains collide; what rows a table hands out depends on equality alone, never on the
/// bits.
struct Fingerprint: Sendable {
  private var a: UInt64
  private var b: UInt64
  private let factors: (UInt64, UInt64)

  /// Numbers of one run.
  private struct Secret {
    let lanes = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    let factors = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
  }

  private static let secret = Secret()

  /// - Parameter seed: what else must agree for two sequences to count as equal.
  @inline(__always)
  init(seed: UInt64) {
    let secret = Fingerprint.secret
    (a, b) = secret.lanes
    factors = secret.factors
    add(seed, 0)
  }

  /// Takes the next two words.
  @inline(__always)
  mutating func add(_ first: UInt64, _ second: UInt64) {
    let next = Fingerprint.fold(a ^ first, factors.0 ^ second)
    b = Fingerprint.fold(b &+ second, factors.1 ^ first)
    a = next
  }

  /// Takes all words of a chain in the order of its bytes in memory, and their number.
  @inline(__always)
  mutating func add(_ chain: RawSpan) {
    let count = chain.byteCount
    var offset = 0
    if count >= 64 {
      var (c, d) = (a ^ factors.1, b ^ factors.0)
      repeat {
        let (first, second) = (chain.loadQuad(at: offset), chain.loadQuad(at: offset &+ 32))
        a = Fingerprint.fold(a ^ first.0, factors.0 ^ first.1)
        b = Fingerprint.fold(b ^ first.2, factors.1 ^ first.3)
        c = Fingerprint.fold(c ^ second.0, factors.0 ^ second.1)
        d = Fingerprint.fold(d ^ second.2, factors.1 ^ second.3)
        offset &+= 64  // at most `count`
      } while offset <= count &- 64
      add(c, d)
    }
    while offset <= count &- 16 {
      let pair = chain.loadPair(at: offset)
      add(pair.0, pair.1)
      offset &+= 16  // at most `count`
    }
    add(
      offset <= count &- 8 ? chain.load(UInt64.self, at: offset, swapped: false) : 0,
      UInt64(count))
  }

  /// Takes all bytes, of a text or of numbers, and their number.
  mutating func add(bytes: RawSpan) {
    let end = bytes.byteCount & ~7
    add(bytes.extracting(0..<end))
    var rest: UInt64 = 0
    for offset in end..<bytes.byteCount {
      rest = rest << 8 | UInt64(bytes.load(UInt8.self, at: offset, swapped: false))
    }
    add(rest, UInt64(bytes.byteCount))
  }

  @inline(__always)
  private static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
    let product = x.multipliedFullWidth(by: y)
    return product.high ^ product.low
  }

  // Two that differ in one lane alone differ here: the sum does.
  var high: UInt64 { a &+ b }
  var low: UInt32 { UInt32(truncatingIfNeeded: b ^ a >> 32) }
}

/// A hash table from fingerprints to row numbers: open addressing, linear probing, at most three
/// quarters full.
///
///     slots   [ high │ low │ row + 1 ] …    16 bytes each
struct FingerprintTable: Sendable {
  private var slots: [Slot]
  private var mask: Int
  private(set) var count = 0

  private struct Slot {
    var high: UInt64 = 0
    var low: UInt32 = 0
    /// 0 marks a free slot.
    var rowPlusOne: UInt32 = 0
  }

  init() {
    slots = [Slot](repeating: Slot(), count: 1024)
    mask = slots.count - 1
  }

  /// Has the processor fetch the place of a fingerprint that is asked for soon.
  ///
  /// - Returns: a number that stands for the reading, which would be left out if it had no result.
  @inline(__always)
  func fetch(_ fingerprint: Fingerprint) -> UInt64 {
    slots[place(of: fingerprint.high)].high
  }

  /// The row of a fingerprint; a new one gets the number of rows there were.
  ///
  /// - Returns: the row, which is new if it equals the `count` there was before.
  @inline(__always)
  mutating func row(of fingerprint: Fingerprint) -> Int {
    row(of: fingerprint.high, fingerprint.low)
  }

  private mutating func row(of high: UInt64, _ low: UInt32) -> Int {
    var place = place(of: high)
    while slots[place].rowPlusOne != 0 {
      if slots[place].high == high && slots[place].low == low {
        return Int(slots[place].rowPlusOne &- 1)  // occupied slots hold row + 1 >= 1
      }
      place = (place &+ 1) & mask
    }
    let row = count
    count += 1
    slots[place] = Slot(high: high, low: low, rowPlusOne: UInt32(count))
    if count * 4 > slots.count * 3 { grow() }
    return row
  }

  /// Where the search for a fingerprint begins.
  @inline(__always)
  private func place(of high: UInt64) -> Int { Int(truncatingIfNeeded: high) & mask }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    mask = slots.count - 1
    for slot in old where slot.rowPlusOne != 0 {
      var place = place(of: slot.high)
      while slots[place].rowPlusOne != 0 { place = (place &+ 1) & mask }
      slots[place] = slot
    }
  }

  /// Adds another table's rows in their order.
  ///
  /// - Returns: for each row of the other table the row here.
  mutating func merge(_ other: consuming FingerprintTable) -> [UInt32] {
    var keys = [(high: UInt64, low: UInt32)](repeating: (0, 0), count: other.count)
    for slot in other.slots where slot.rowPlusOne != 0 {
      keys[Int(slot.rowPlusOne) - 1] = (slot.high, slot.low)
    }
    return keys.map { UInt32(row(of: $0.high, $0.low)) }
  }
}
