/// How a whole file is packed, told by its first bytes.
enum Packing: String, CaseIterable {
  case gzip, xz, zstd

  /// Bytes needed to tell.
  static let magicSize = 6

  /// Source: RFC 1952, the .xz file format 1.2.0, RFC 8878.
  private var magic: [UInt8] {
    switch self {
    case .gzip: [0x1f, 0x8b, 0x08]
    case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
    case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
    }
  }

  /// - Returns: nil for a file that isn't packed in one of these ways.
  init?(_ head: RawSpan) {
    let found = Packing.allCases.first { $0.begins(head) }
    guard let found else { return nil }
    self = found
  }

  private func begins(_ head: RawSpan) -> Bool {
    guard head.byteCount >= magic.count else { return false }
    return magic.indices.allSatisfy {
      head.load(UInt8.self, at: $0, swapped: false) == magic[$0]
    }
  }

  func makeUnpacker() throws(UnpackError) -> any Unpacker {
    switch self {
    case .gzip: try GzipStream()
    case .xz: try XzStream()
    case .zstd: try ZstdDecoder()
    }
  }
}

/// Unpacks one stream a buffer at a time, in memory that doesn't depend on the stream's size.
protocol Unpacker: AnyObject {
  /// Unpacks as much of `input` as fits into `output`.
  ///
  /// - Returns: how far it came; with an empty input and `isLast`, what is left inside.
  func step(
    _ input: RawSpan, isLast: Bool, into output: inout [UInt8]
  ) throws(UnpackError) -> UnpackStep
}

/// How far one call came.
struct UnpackStep {
  /// Bytes of the input that were used.
  var consumed: Int
  /// Bytes of the output that were written.
  var filled: Int
  /// Whether the packed data may end here.
  var isAtEnd: Bool
}

/// What the library says about data it can't unpack.
struct UnpackError: Error {
  let reason: String
}
