internal import Profiler
internal import SystemPackage

/// Finds the ELF file in what the user calls a kernel or a module.
enum ElfBytes {
  /// The ELF file's bytes, and whether they come from a bzImage.
  struct Found {
    let bytes: ImageBytes
    let isBootImage: Bool
  }

  /// Opens a vmlinux, a bzImage, or one of those or a module packed.
  ///
  /// - Throws: ``SymbolError`` where it can't be read or is none of them.
  static func open(_ path: FilePath) throws(SymbolError) -> Found {
    let file: ImageBytes
    do throws(Errno) { file = ImageBytes(mapped: try MappedFile.open(path)) } catch {
      throw SymbolError("\(path): \(error)")
    }
    if file.withBytes(isElf) { return Found(bytes: file, isBootImage: false) }
    do throws(SymbolError) {
      return try file.withBytes { bytes throws(SymbolError) in try unpack(bytes) }
    } catch { throw SymbolError("\(path): \(error)") }
  }

  /// A boot image may itself be packed, as arm64's are; nothing is packed deeper than that.
  private static func unpack(_ bytes: RawSpan, depth: Int = 0) throws(SymbolError) -> Found {
    let isBootImage = BootImage.matches(bytes)
    let range = isBootImage ? try BootImage.payload(of: bytes) : 0..<bytes.byteCount
    let packed = bytes.extracting(range)
    guard let packing = Packing(packed) else { throw SymbolError(notAnImage(packed)) }
    let contents = try Unpacking.unpack(packed, packing)
    if isElf(contents.span.bytes) {
      return Found(bytes: ImageBytes(unpacked: contents), isBootImage: isBootImage)
    }
    guard depth == 0, !isBootImage else { throw SymbolError(notAnImage(contents.span.bytes)) }
    return try unpack(contents.span.bytes, depth: 1)
  }

  private static func isElf(_ bytes: RawSpan) -> Bool {
    bytes.begins(with: [0x7f, 0x45, 0x4c, 0x46])
  }

  private static func notAnImage(_ bytes: RawSpan) -> String {
    let start = (0..<min(4, bytes.byteCount)).compactMap { bytes.integer(UInt8.self, at: $0) }
    let shown = start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return
      "no kernel image: begins with \(shown.isEmpty ? "nothing" : shown.joined(separator: " "))"
      + "; needed is a vmlinux, a bzImage, or one packed with gzip, xz, zstd or lz4"
  }
}
