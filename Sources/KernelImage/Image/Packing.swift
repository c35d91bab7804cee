/// How a kernel or a module is packed, told by its first bytes.
///
/// Source: `lib/decompress.c`, `compressed_formats`.
public enum Packing: String, Sendable, CaseIterable {
  case gzip, xz, lzma, zstd, lz4, bzip2, lzo

  /// The bytes that packed data of this kind begins with.
  var magic: [UInt8] {
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

  /// The packing of these bytes, if they are packed.
  init?(_ bytes: RawSpan) {
    var found: Packing?
    for packing in Packing.allCases where bytes.begins(with: packing.magic) { found = packing }
    guard let found else { return nil }
    self = found
  }
}
