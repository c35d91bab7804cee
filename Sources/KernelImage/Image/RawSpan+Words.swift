/// The only unchecked loads of this room. All of x86's and arm64's kernels are little-endian, as are
/// the machines this runs on.
extension RawSpan {
  /// The unsigned integer at `offset`, or nil where it doesn't lie inside.
  @inline(__always)
  func integer<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: T.Type, at offset: Int
  ) -> T? {
    guard offset >= 0, offset <= byteCount - MemoryLayout<T>.size else { return nil }
    // SAFETY: [offset, offset + size) was compared with the span's length above.
    return T(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
  }

  /// `count` bytes from `offset`, or nil where they don't lie inside.
  @_lifetime(copy self)
  func slice(_ offset: Int, _ count: Int) -> RawSpan? {
    guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
      return nil
    }
    return extracting(offset..<offset + count)
  }

  /// The bytes from `offset` that a section's header claims; none where they don't lie inside.
  @_lifetime(copy self)
  func section(_ offset: UInt64, _ count: UInt64) -> RawSpan {
    guard let found = slice(Int(clamping: offset), Int(clamping: count)) else {
      return extracting(0..<0)
    }
    return found
  }

  /// Whether the span begins with these bytes.
  func begins(with bytes: [UInt8], at offset: Int = 0) -> Bool {
    for (index, byte) in bytes.enumerated() where integer(UInt8.self, at: offset + index) != byte {
      return false
    }
    return true
  }
}
