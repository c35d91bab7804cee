/// 96 bits that stand for a sequence of words: two multiply-and-fold lanes over them.
///
/// The lanes begin with a number drawn once per run, so that no recording can be made whose chains
/// collide; what rows a table hands out depends on equality alone, never on the bits.
struct Fingerprint: Sendable {
  private var a: UInt64
  private var b: UInt64

  private static let secret = (
    UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)
  )

  /// - Parameter seed: what else must agree for two sequences to count as equal.
  init(seed: UInt64) {
    (a, b) = Fingerprint.secret
    add(seed)  // folded in: beside the first word it could cancel that out
  }

  /// Takes the next word.
  @inline(__always)
  mutating func add(_ word: UInt64) {
    a = Fingerprint.fold(a ^ word, 0xd6e8_feb8_6659_fd93)
    b = Fingerprint.fold(b &+ word, 0xa076_1d64_78bd_642f)
  }

  /// Takes all words of a chain in the order of its bytes in memory.
  @inline(__always)
  mutating func add(_ chain: RawSpan) {
    for offset in stride(from: 0, to: chain.byteCount &- 7, by: 8) {
      add(chain.load(UInt64.self, at: offset, swapped: false))
    }
    add(UInt64(chain.byteCount))
  }

  @inline(__always)
  private static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
    let product = x.multipliedFullWidth(by: y)
    return product.high ^ product.low
  }

  var high: UInt64 { a }
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

  /// The row of a fingerprint; a new one gets the number of rows there were.
  ///
  /// - Returns: the row, which is new if it equals the `count` there was before.
  @inline(__always)
  mutating func row(of fingerprint: Fingerprint) -> Int {
    row(of: fingerprint.high, fingerprint.low)
  }

  private mutating func row(of high: UInt64, _ low: UInt32) -> Int {
    var place = Int(truncatingIfNeeded: high) & mask
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

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    mask = slots.count - 1
    for slot in old where slot.rowPlusOne != 0 {
      var place = Int(truncatingIfNeeded: slot.high) & mask
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
