/// A hash table from 64-bit keys to row numbers, for the loops that run once per frame.
///
/// Open addressing with linear probing at most half full; a key's place is the top of its product
/// with an odd constant (Fibonacci hashing), one multiplication in place of SipHash's rounds. A
/// recording made to collide makes lookups slow, never wrong.
struct IntegerMap: Sendable {
  private var slots: [Slot]
  private(set) var count = 0
  private var shift: UInt64

  private struct Slot {
    var key: UInt64 = 0
    /// Row + 1; 0 marks a free place.
    var rowPlusOne: UInt32 = 0
  }

  /// - Parameter bits: logarithm of the number of places to begin with.
  init(bits: UInt64 = 6) {
    shift = 64 - bits
    slots = [Slot](repeating: Slot(), count: 1 << Int(bits))
  }

  /// The row of a key.
  @inline(__always)
  func row(of key: UInt64) -> UInt32? {
    let slot = slots[place(of: key)]
    return slot.rowPlusOne == 0 ? nil : slot.rowPlusOne &- 1  // occupied places hold row + 1 >= 1
  }

  /// The row of a key, or `new` remembered for it.
  @inline(__always)
  mutating func row(of key: UInt64, orInsert new: UInt32) -> UInt32 {
    let place = place(of: key)
    let rowPlusOne = slots[place].rowPlusOne
    if rowPlusOne != 0 { return rowPlusOne &- 1 }  // as above
    insert(key, new, at: place)
    return new
  }

  /// Remembers the row of a key that isn't there.
  mutating func insert(_ key: UInt64, _ row: UInt32) { insert(key, row, at: place(of: key)) }

  private mutating func insert(_ key: UInt64, _ row: UInt32, at place: Int) {
    slots[place] = Slot(key: key, rowPlusOne: row + 1)
    count += 1
    if count * 2 > slots.count { grow() }
  }

  @inline(__always)
  private func place(of key: UInt64) -> Int {
    // The constant is 2^64 divided by the golden ratio; only the product's top bits are used.
    var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> shift)
    let mask = slots.count &- 1  // the count is a power of two
    while slots[place].rowPlusOne != 0 && slots[place].key != key { place = (place &+ 1) & mask }
    return place
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    shift -= 1
    for slot in old where slot.rowPlusOne != 0 { slots[place(of: slot.key)] = slot }
  }
}
