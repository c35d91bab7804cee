public import Profiler
public import SystemPackage

/// The ELF image of a kernel, or of a module once it is linked: its sections' bytes by their
/// addresses.
public final class KernelImage {
  /// The file it came from.
  public let path: FilePath
  /// Whether the file is a bzImage.
  public let isBootImage: Bool
  /// The kernel's id, if it has one.
  public let buildID: BuildID?
  /// Whether its code is x86-64's.
  public let isX86: Bool
  let sections: [ElfSection]
  let bytes: ImageBytes
  /// Sections with addresses, sorted by them.
  private let placed: [ElfSection]

  /// Opens a vmlinux or a bzImage, packed or not.
  ///
  /// - Throws: ``SymbolError`` where the file can't be read, unpacks to more than 512 MiB, or is no
  ///   64-bit little-endian ELF file.
  public convenience init(path: FilePath) throws(SymbolError) {
    let found = try ElfBytes.open(path)
    let contents: ElfContents
    do throws(SymbolError) {
      contents = try found.bytes.withBytes { bytes throws(SymbolError) in
        try ElfContents(bytes)
      }
      guard !contents.isObject else {
        throw SymbolError("an object file, perhaps a module; a vmlinux or a bzImage is needed")
      }
    } catch { throw SymbolError("\(path): \(error)") }
    self.init(path, found, sections: contents.sections, isX86: contents.isX86)
  }

  /// - Parameter sections: of the file, at their addresses.
  init(_ path: FilePath, _ found: ElfBytes.Found, sections: [ElfSection], isX86: Bool) {
    (self.path, self.sections, self.isX86) = (path, sections, isX86)
    (bytes, isBootImage) = (found.bytes, found.isBootImage)
    placed = sections.filter { $0.isAllocated && $0.size > 0 && $0.address != 0 }
      .sorted { $0.address < $1.address }
    buildID = KernelImage.buildID(found.bytes, sections)
  }

  /// Whether the file itself is an ELF file, of whatever machine.
  public static func isElf(_ path: FilePath) -> Bool {
    guard let file = try? MappedFile.open(path) else { return false }
    return file.bytes.begins(with: [0x7f, 0x45, 0x4c, 0x46])
  }

  static func buildID(_ bytes: ImageBytes, _ sections: [ElfSection]) -> BuildID? {
    bytes.withBytes { bytes in
      for section in sections where section.type == 7 && section.size < 1 << 20 {  // SHT_NOTE
        let notes = bytes.section(section.offset, section.size).copied()
        if let id = ElfNotes.buildID(in: notes) { return id }
      }
      return nil
    }
  }

  /// The section that an address lies in.
  func section(at address: UInt64) -> ElfSection? {
    var (low, high) = (0, placed.count)
    while low < high {
      let middle = (low + high) / 2
      if placed[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let section = placed[low - 1]
    return address - section.address < section.size ? section : nil
  }

  /// The section of a name.
  func section(named name: String) -> ElfSection? { sections.first { $0.name == name } }

  /// Whether an address lies in code.
  public func isCode(_ address: UInt64) -> Bool { section(at: address)?.isExecutable ?? false }

  /// Lends the bytes from `address` to at most `count` further, as far as its section goes; empty
  /// where the image has none there.
  public func withBytes<R>(
    at address: UInt64, count: Int, _ body: (RawSpan) -> R
  ) -> R {
    bytes.withBytes { bytes in
      guard let section = section(at: address), !section.isEmpty else { return body(RawSpan()) }
      let skipped = address - section.address
      let length = min(section.size - skipped, UInt64(max(0, count)))
      let offset = section.offset.addingReportingOverflow(skipped)
      return body(bytes.section(offset.overflow ? .max : offset.partialValue, length))
    }
  }

  /// Lends a section's bytes; empty if there is no such section.
  func withSection<R>(_ name: String, _ body: (RawSpan) -> R) -> R {
    bytes.withBytes { bytes in
      guard let section = section(named: name), !section.isEmpty else { return body(RawSpan()) }
      return body(bytes.section(section.offset, section.size))
    }
  }

  /// Where the first code begins: `_text`, or `_stext` where the two are one.
  var textStart: UInt64? { placed.first(where: \.isExecutable)?.address }

  /// The symbols that the file itself has; none in a bzImage.
  var ownSymbols: SymbolTable {
    bytes.withBytes { bytes in
      ElfSymbolReading.symbols(bytes, sections) { index in
        sections.indices.contains(index) && sections[index].isAllocated ? 0 : nil
      }
    }
  }
}
