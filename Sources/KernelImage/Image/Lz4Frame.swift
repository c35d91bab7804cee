internal import CLz4
internal import Profiler

/// LZ4's legacy frame, which kernels are packed in:
///
///     magic │ u32 size, block of that size │ u32 size, block │ …
///
/// Each block unpacks to 8 MiB, the last to less. There is no end mark; the kernel's build appends
/// four bytes, which are no block, as they promise more than there is.
///
/// Source: `doc/lz4_Frame_format.md` of lz4, `lib/decompress_unlz4.c` of Linux.
enum Lz4Frame {
  private static let blockSize = 8 << 20

  /// The contents of a frame.
  static func unpack(_ bytes: RawSpan, largest: Int) throws(SymbolError) -> [UInt8] {
    var out: [UInt8] = []
    var block = [UInt8](repeating: 0, count: blockSize)
    var position = 4
    while let size = bytes.integer(UInt32.self, at: position),
      let packed = bytes.slice(position + 4, Int(size))
    {
      let count = try unpack(packed, into: &block)
      out.append(contentsOf: block[..<count])
      position += 4 + Int(size)
      guard out.count <= largest else {
        throw SymbolError("unpacks to more than \(largest >> 20) MiB")
      }
    }
    guard bytes.byteCount - position <= 4 else {
      throw SymbolError("lz4: the block at 0x\(String(position, radix: 16)) is cut short")
    }
    return out
  }

  private static func unpack(_ packed: RawSpan, into block: inout [UInt8]) throws(SymbolError)
    -> Int
  {
    guard packed.byteCount <= Int(Int32.max) else { throw SymbolError("lz4: a block too large") }
    // SAFETY: both buffers are valid for the lengths given, and lz4 keeps neither.
    let count = packed.withUnsafeBytes { source in
      block.withUnsafeMutableBytes { target in
        LZ4_decompress_safe(
          source.bindMemory(to: CChar.self).baseAddress,
          target.bindMemory(to: CChar.self).baseAddress, Int32(source.count), Int32(target.count))
      }
    }
    guard count >= 0 else { throw SymbolError("lz4: the data is damaged") }
    return Int(count)
  }
}
