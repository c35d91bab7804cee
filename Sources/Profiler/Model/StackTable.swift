/// A row of ``StackTable``.
public struct StackID: Hashable, Sendable {
  /// Index of the row.
  public let rawValue: UInt32
  /// The row index.
  public var index: Int { Int(rawValue) }
}

/// The distinct raw call chains of a recording, leaf first, `PERF_CONTEXT_*` markers included.
///
/// All chains lie one behind the other in one array of words; row *i* is the stretch between two
/// ends. A hash table of 128-bit fingerprints finds a chain without looking at its words again:
///
///     slots  [ high │ low │ row+1 ] …        ends   [ 0, 17, 29, … ]
///                             └──────────►   words  [ ffffff80 81443e5b … │ … ]
public struct StackTable: Sendable {
  private(set) var words: [UInt64] = []
  private(set) var ends: [Int] = [0]
  private var slots: [Slot]
  private var mask: Int

  private struct Slot {
    var fingerprint = Fingerprint()
    /// Row + 1; 0 marks a free slot.
    var rowPlusOne: UInt32 = 0
  }

  /// An empty table with room for about `expected` chains before it grows.
  init(expecting expected: Int = 4096) {
    var capacity = 1024
    while capacity < expected * 2 { capacity *= 2 }
    slots = [Slot](repeating: Slot(), count: capacity)
    mask = capacity - 1
  }

  /// Number of distinct chains.
  public var count: Int { ends.count - 1 }

  /// The words of a chain.
  public func callchain(of id: StackID) -> ArraySlice<UInt64> {
    words[ends[id.index]..<ends[id.index + 1]]
  }

  /// Returns the chain's id; equal chains get equal ids.
  ///
  /// - Parameter chain: `u64[nr]` in the recording's byte order.
  /// - Complexity: one multiplication pair a word; memory is touched only for a new chain.
  mutating func intern(_ chain: RawSpan, swapped: Bool) -> StackID {
    let fingerprint = Fingerprint(of: chain)
    var slot = Int(truncatingIfNeeded: fingerprint.low) & mask
    while slots[slot].rowPlusOne != 0 {
      if slots[slot].fingerprint == fingerprint {
        return StackID(rawValue: slots[slot].rowPlusOne &- 1)  // occupied slots hold row + 1 >= 1
      }
      slot = (slot &+ 1) & mask
    }
    slots[slot] = Slot(fingerprint: fingerprint, rowPlusOne: UInt32(ends.count))
    append(chain, swapped: swapped)
    if count * 2 > slots.count { grow() }
    return StackID(rawValue: UInt32(count - 1))
  }

  private mutating func append(_ chain: RawSpan, swapped: Bool) {
    for offset in stride(from: 0, to: chain.byteCount, by: 8) {
      words.append(chain.load(UInt64.self, at: offset, swapped: swapped))
    }
    ends.append(words.count)
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    mask = slots.count - 1
    for entry in old where entry.rowPlusOne != 0 {
      var slot = Int(truncatingIfNeeded: entry.fingerprint.low) & mask
      while slots[slot].rowPlusOne != 0 { slot = (slot &+ 1) & mask }
      slots[slot] = entry
    }
  }
}

/// 128 bits that stand for a call chain: two independent multiply-and-fold lanes over its words.
struct Fingerprint: Equatable, Sendable {
  var high: UInt64 = 0
  var low: UInt64 = 0

  init() {}

  init(of chain: RawSpan) {
    var a: UInt64 = 0x9e37_79b9_7f4a_7c15 ^ UInt64(chain.byteCount)
    var b: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    for offset in stride(from: 0, to: chain.byteCount, by: 8) {
      let word = chain.load(UInt64.self, at: offset, swapped: false)
      a = Fingerprint.fold(a ^ word, 0xd6e8_feb8_6659_fd93)
      b = Fingerprint.fold(b &+ word, 0xa076_1d64_78bd_642f)
    }
    high = a
    low = b ^ a >> 32
  }

  @inline(__always)
  private static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
    let product = x.multipliedFullWidth(by: y)
    return product.high ^ product.low
  }
}
