internal import CElfutils
internal import Profiler

/// A section of an ELF file.
struct ElfSection: Sendable {
  let name: String
  /// `sh_type`.
  let type: UInt32
  /// `sh_flags`.
  let flags: UInt64
  var address: UInt64
  /// Where its bytes stand in the file; nowhere for SHT_NOBITS.
  let offset: UInt64
  let size: UInt64
  /// `sh_addralign`.
  let alignment: UInt64
  /// `sh_link` and `sh_info`.
  let link: UInt32
  let info: UInt32

  /// SHT_NOBITS: all zero until the kernel runs.
  var isEmpty: Bool { type == 8 }
  var isAllocated: Bool { flags & 0x2 != 0 }
  /// SHF_COMPRESSED, as debug information may be.
  var isCompressed: Bool { flags & 0x800 != 0 }
  var isExecutable: Bool { flags & 0x4 != 0 }
  var isWritable: Bool { flags & 0x1 != 0 }
}

/// What libelf says of an ELF file in memory.
struct ElfContents {
  /// All sections, by index; the first is none.
  let sections: [ElfSection]
  /// `e_type`.
  let type: UInt16
  /// `e_machine`.
  let machine: UInt16

  /// - Throws: ``SymbolError`` without the file's name, for damage, 32-bit and big-endian files.
  init(_ bytes: RawSpan) throws(SymbolError) {
    let read: Result<ElfContents, SymbolError> = withElf(bytes) { elf in
      guard let elf else { return .failure(SymbolError(lastElfMessage())) }
      return ElfContents.read(elf)
    }
    self = try read.get()
  }

  /// Whether it is no linked file but an object, as modules are.
  var isObject: Bool { type == 1 }  // ET_REL
  /// Whether its code is x86-64's.
  var isX86: Bool { machine == 62 }  // EM_X86_64

  private init(sections: [ElfSection], type: UInt16, machine: UInt16) {
    self.sections = sections
    self.type = type
    self.machine = machine
  }

  private static func read(_ elf: OpaquePointer) -> Result<ElfContents, SymbolError> {
    var header = GElf_Ehdr()
    var names = 0
    guard gelf_getehdr(elf, &header) != nil, elf_getshdrstrndx(elf, &names) == 0 else {
      return .failure(SymbolError(lastElfMessage()))
    }
    guard gelf_getclass(elf) == ELFCLASS64, header.e_ident.5 == 1 else {
      return .failure(SymbolError("only 64-bit little-endian kernels are read"))
    }
    var sections: [ElfSection] = []
    var count = 0
    _ = elf_getshdrnum(elf, &count)
    for index in 0..<min(count, 1 << 20) {
      guard let section = section(elf, index, names) else {
        return .failure(SymbolError("section \(index): \(lastElfMessage())"))
      }
      sections.append(section)
    }
    return .success(
      ElfContents(sections: sections, type: header.e_type, machine: header.e_machine))
  }

  private static func section(_ elf: OpaquePointer, _ index: Int, _ names: Int) -> ElfSection? {
    var header = GElf_Shdr()
    guard let section = elf_getscn(elf, index), gelf_getshdr(section, &header) != nil else {
      return nil
    }
    let name = elf_strptr(elf, names, Int(header.sh_name)).map { String(cString: $0) }
    return ElfSection(
      name: name ?? "", type: header.sh_type, flags: header.sh_flags, address: header.sh_addr,
      offset: header.sh_offset, size: header.sh_size, alignment: header.sh_addralign,
      link: header.sh_link, info: header.sh_info)
  }
}

/// Lends a libelf handle of bytes in memory; nil where libelf refuses them.
func withElf<R>(_ bytes: RawSpan, _ body: (OpaquePointer?) -> R) -> R {
  elf_version(UInt32(EV_CURRENT))
  // SAFETY: libelf only reads memory that it is given this way, and the handle ends here.
  return bytes.withUnsafeBytes { buffer in
    let start = UnsafeMutablePointer(mutating: buffer.bindMemory(to: CChar.self).baseAddress)
    let elf = start.flatMap { elf_memory($0, buffer.count) }
    defer { elf_end(elf) }
    return body(elf)
  }
}

/// libelf's word on what went wrong last.
func lastElfMessage() -> String {
  elf_errmsg(-1).map { String(cString: $0) } ?? "libelf gives no reason"
}
