/// How a whole file is packed, told by its first bytes.
package enum Packing: String, CaseIterable, Sendable {
  case gzip, xz, lzma, zstd, lz4, bzip2, lzo

  /// Those that recordings are packed in.
  static let ofRecordings: [Packing] = [.gzip, .xz, .zstd]

  /// Source: RFC 1952, the .xz file format 1.2.0, RFC 8878; of the others `lib/decompress.c` of
  /// Linux, `compressed_formats`.
  private var magic: [UInt8] {
    switch self {
    case .gzip: [0x1f, 0x8b]
    case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
    case .lzma: [0x5d, 0x00, 0x00]
    case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
    case .lz4: [0x02, 0x21, 0x4c, 0x18]
    case .bzip2: [0x42, 0x5a, 0x68]
    case .lzo: [0x89, 0x4c, 0x5a, 0x4f]
    }
  }

  /// - Returns: nil for a file that isn't packed in one of these ways.
  package init?(_ head: RawSpan, among kinds: [Packing] = Packing.allCases) {
    guard let found = kinds.first(where: { $0.begins(head) }) else { return nil }
    self = found
  }

  private func begins(_ head: RawSpan) -> Bool {
    guard head.byteCount >= magic.count else { return false }
    return magic.indices.allSatisfy {
      head.load(UInt8.self, at: $0, swapped: false) == magic[$0]
    }
  }

  /// - Parameter isAlone: whether what stands behind the first stream is something else.
  /// - Returns: nil for what no library here reads as a stream.
  package func makeUnpacker(isAlone: Bool = false) throws(UnpackError) -> (any Unpacker)? {
    switch self {
    case .gzip: try GzipStream()
    case .xz, .lzma: try XzStream(isAlone: isAlone)
    case .zstd: try ZstdDecoder()
    case .lz4, .bzip2, .lzo: nil
    }
  }
}

/// Unpacks one stream a buffer at a time, in memory that doesn't depend on the stream's size.
package protocol Unpacker: AnyObject {
  /// Unpacks as much of `input` as fits into `output`. Called again at the end of a stream, it begins
  /// with the next one, if something is left.
  ///
  /// - Returns: how far it came; with an empty input and `isLast`, what is left inside.
  func step(
    _ input: RawSpan, isLast: Bool, into output: inout [UInt8]
  ) throws(UnpackError) -> UnpackStep
}

/// How far one call came.
package struct UnpackStep {
  /// Bytes of the input that were used.
  package var consumed: Int
  /// Bytes of the output that were written.
  package var filled: Int
  /// Whether the packed data may end here.
  package var isAtEnd: Bool
}

/// What the library says about data it can't unpack.
package struct UnpackError: Error {
  package let reason: String

  package init(reason: String) { self.reason = reason }
}
