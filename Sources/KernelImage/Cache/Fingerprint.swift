/// 128 bits that tell contents apart: two multiplicative hashes over 64-bit words. It is no defence
/// against contents made to collide, and need not be: what is kept under it is only found again
/// by the user whose files these are.
struct Fingerprint: Hashable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt64

  /// The fingerprint of some bytes.
  init(_ bytes: RawSpan) {
    var (high, low) = (UInt64(bytes.byteCount), ~UInt64(bytes.byteCount))
    func mixed(_ hash: UInt64, _ word: UInt64, _ factor: UInt64) -> UInt64 {
      let product = (hash ^ word) &* factor  // arithmetic modulo 2^64 is meant
      return product ^ product >> 29
    }
    func add(_ word: UInt64) {
      high = mixed(high, word, 0x9e37_79b9_7f4a_7c15)
      low = mixed(low, word, 0xc2b2_ae3d_27d4_eb4f)
    }
    let words = bytes.byteCount / 8
    for index in 0..<words { add(bytes.integer(UInt64.self, at: index * 8) ?? 0) }
    for offset in words * 8..<bytes.byteCount {
      add(UInt64(bytes.integer(UInt8.self, at: offset) ?? 0))
    }
    (self.high, self.low) = (high, low)
  }

  /// 32 hexadecimal digits.
  var description: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
