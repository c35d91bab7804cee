import Glibc

/// Finds a byte string in many files: jumps with `memchr` to its rarest byte, compares around it.
struct ByteSearch {
  private let needle: [UInt8]
  private let anchor: Int

  /// Bytes of C text from frequent to rare; those not listed, such as capitals, are rarer still.
  private static let frequent = Array(" etr_nsaioclpdufhgmb".utf8)

  init(_ text: String) {
    let needle = Array(text.utf8)
    let rank = needle.map { Self.frequent.firstIndex(of: $0) ?? Self.frequent.count }
    self.needle = needle
    self.anchor = rank.indices.max { rank[$0] < rank[$1] } ?? 0
  }

  /// Whether the string occurs in `text`; true for an empty one.
  func isIn(_ text: [UInt8]) -> Bool {
    guard !needle.isEmpty else { return true }
    var start = anchor
    while let found = ByteSearch.first(needle[anchor], in: text, from: start) {
      if text[(found - anchor)...].starts(with: needle) { return true }
      start = found + 1
    }
    return false
  }

  private static func first(_ byte: UInt8, in text: [UInt8], from start: Int) -> Int? {
    guard start < text.count else { return nil }
    return text.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return nil }
      // SAFETY: start is below the buffer's count, and memchr stays within the rest.
      guard let hit = memchr(base + start, Int32(byte), buffer.count - start) else { return nil }
      return UnsafeRawPointer(hit) - base
    }
  }
}
