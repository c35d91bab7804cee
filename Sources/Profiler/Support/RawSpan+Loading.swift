/// The only unchecked loads of the reader; everything else goes through these or ``FieldReader``.
extension RawSpan {
  /// The unsigned integer at `offset`, in host byte order unless `swapped`.
  ///
  /// The range is checked by the caller; it traps, and never reads outside, where it was not.
  @inline(__always)
  func load<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, at offset: Int, swapped: Bool
  ) -> T {
    precondition(offset >= 0 && offset <= byteCount &- MemoryLayout<T>.size)
    // SAFETY: the range [offset, offset + size) was compared with the span's length above.
    let value = unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self)
    return swapped ? value.byteSwapped : value
  }

  /// Two words, in the order of their bytes in memory.
  @inline(__always)
  func loadPair(at offset: Int) -> (UInt64, UInt64) {
    precondition(offset >= 0 && offset <= byteCount &- 16)
    // SAFETY: the range [offset, offset + 16) was compared with the span's length above.
    return (
      unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self),
      unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 8, as: UInt64.self)
    )
  }

  /// Four words, in the order of their bytes in memory.
  @inline(__always)
  func loadQuad(at offset: Int) -> (UInt64, UInt64, UInt64, UInt64) {
    precondition(offset >= 0 && offset <= byteCount &- 32)
    // SAFETY: the range [offset, offset + 32) was compared with the span's length above.
    return (
      unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self),
      unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 8, as: UInt64.self),
      unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 16, as: UInt64.self),
      unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 24, as: UInt64.self)
    )
  }

  /// Reads one word of each cache line of a stretch, which the processor then has in its cache. Lines
  /// in a row it fetches ahead by itself; going from header to header it waits for each, and takes
  /// more than twice as long.
  ///
  /// - Returns: where the stretch ends.
  @inline(__always)
  func fetch(from start: Int, count: Int) -> Int {
    let end = byteCount &- start < count ? byteCount : start &+ count
    var all: UInt64 = 0
    var line = start
    while line <= end &- 256 {
      precondition(line >= 0 && line <= byteCount &- 256)
      // SAFETY: the range [line, line + 256) was compared with the span's length above.
      all |=
        unsafeLoadUnaligned(fromUncheckedByteOffset: line, as: UInt64.self)
        | unsafeLoadUnaligned(fromUncheckedByteOffset: line &+ 64, as: UInt64.self)
        | unsafeLoadUnaligned(fromUncheckedByteOffset: line &+ 128, as: UInt64.self)
        | unsafeLoadUnaligned(fromUncheckedByteOffset: line &+ 192, as: UInt64.self)
      line &+= 256  // below the span's length
    }
    while line <= end &- 8 {
      all |= load(UInt64.self, at: line, swapped: false)
      line &+= 64  // below the span's length and 64
    }
    return all == .max ? end &- 1 : end  // the same to the caller; loads without a use are left out
  }

  /// Appends all bytes to an array.
  package func append(to array: inout [UInt8]) {
    // SAFETY: the buffer is read before the closure returns.
    withUnsafeBytes { array.append(contentsOf: $0) }
  }

  /// Appends all bytes to what is being written.
  package func append(to output: inout OutputSpan<UInt8>) {
    precondition(output.freeCapacity >= byteCount)
    output.withUnsafeMutableBufferPointer { buffer, count in
      // SAFETY: there is room for all bytes behind the first `count`; the buffers are left before the
      // closures return.
      withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer)[count...].copyBytes(from: $0) }
      count += byteCount
    }
  }

  /// Appends all words to an array, in host byte order unless `swapped`.
  func append(to array: inout [UInt64], swapped: Bool) {
    let (start, words) = (array.count, byteCount / 8)
    array.append(addingCapacity: words) { output in
      output.withUnsafeMutableBufferPointer { buffer, count in
        let room = UnsafeMutableRawBufferPointer(buffer)[(8 * count)...]
        // SAFETY: there is room for all words behind the first `count`; the buffers are left before the
        // closures return.
        withUnsafeBytes { room.copyBytes(from: $0.prefix(8 * words)) }
        count += words
      }
    }
    guard swapped else { return }
    for row in start..<array.count { array[row] = array[row].byteSwapped }
  }

  /// A copy of all bytes.
  package func copied() -> [UInt8] {
    // SAFETY: the buffer is read before the closure returns.
    withUnsafeBytes { Array($0) }
  }
}

extension String {
  /// All bytes of the span; those that are not UTF-8 are replaced by U+FFFD.
  init(utf8 bytes: RawSpan) {
    // SAFETY: the buffer is read before the closure returns.
    self = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The text up to the first NUL byte or the end of the span; bytes that are not UTF-8 are
  /// replaced by U+FFFD.
  init(cString bytes: RawSpan) {
    var end = 0
    while end < bytes.byteCount, bytes.load(UInt8.self, at: end, swapped: false) != 0 { end += 1 }
    self.init(utf8: bytes.extracting(0..<end))
  }
}
