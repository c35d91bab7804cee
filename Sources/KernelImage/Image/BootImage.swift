internal import Profiler

/// An x86 bzImage: a boot loader's header, code that unpacks, and the packed kernel.
///
///     0x1f1 setup_sects  0x1fe 55 aa  0x202 "HdrS"  0x206 version
///     0x20e kernel_version, a text's place behind the first sector
///     0x248 payload_offset  0x24c payload_length, from the end of the setup sectors
///
/// Source: `Documentation/x86/boot.rst`, boot protocol 2.08 and later (2.6.24).
enum BootImage {
  private static let sector = 512

  /// Whether the bytes are a boot image.
  static func matches(_ bytes: RawSpan) -> Bool {
    bytes.begins(with: Array("HdrS".utf8), at: 0x202)
      && bytes.begins(with: [0x55, 0xaa], at: 0x1fe)
  }

  /// The kernel's release, `6.1.0-56-amd64`; nil where the header doesn't say.
  static func release(of bytes: RawSpan) -> String? {
    guard matches(bytes), let place = bytes.integer(UInt16.self, at: 0x20e), place != 0,
      let text = bytes.slice(Int(place) + sector, 128)
    else { return nil }
    let word = text.copied().prefix { $0 > 0x20 && $0 < 0x7f }
    return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
  }

  /// Where the packed kernel lies.
  ///
  /// - Throws: ``SymbolError`` for a header that says nothing, or a place outside the file.
  static func payload(of bytes: RawSpan) throws(SymbolError) -> Range<Int> {
    guard let version = bytes.integer(UInt16.self, at: 0x206), version >= 0x208 else {
      throw SymbolError("a boot image of before boot protocol 2.08 doesn't say where its kernel is")
    }
    guard let setup = bytes.integer(UInt8.self, at: 0x1f1),
      let offset = bytes.integer(UInt32.self, at: 0x248),
      let length = bytes.integer(UInt32.self, at: 0x24c)
    else { throw SymbolError("its boot header is cut short") }
    let start = (Int(setup == 0 ? 4 : setup) + 1) * sector + Int(offset)
    guard bytes.slice(start, Int(length)) != nil, length > 0 else {
      throw SymbolError(
        "its boot header says that the kernel is \(length) bytes at 0x\(String(start, radix: 16)), "
          + "but the file has \(bytes.byteCount) bytes")
    }
    return start..<start + Int(length)
  }
}
