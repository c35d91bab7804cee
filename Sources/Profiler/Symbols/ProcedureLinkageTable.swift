internal import CElfutils
import Glibc

/// The stubs through which a program calls functions of shared libraries.
///
/// They have no symbols; perf names them after the function, `read@plt`. Entry *i* of `.plt.sec`,
/// or of `.plt` behind its header, belongs to relocation *i* of `.rela.plt`.
struct ProcedureLinkageTable {
  /// One stub at the address the file is linked for.
  struct Entry {
    let name: String
    let address: UInt64
    let size: UInt64
  }

  private(set) var entries: [Entry] = []

  /// Reads the sections of an open ELF file; without them there are no entries.
  init(_ elf: OpaquePointer) {
    var table: GElf_Shdr?
    var hasHeader = true
    var relocations: (section: OpaquePointer, header: GElf_Shdr)?
    guard let sections = ElfSectionWalk(elf) else { return }
    for (name, section, header) in sections {
      switch name {
      case ".plt" where table == nil: table = header
      case ".plt.sec": (table, hasHeader) = (header, false)
      case ".rela.plt": relocations = (section, header)
      default: break
      }
    }
    guard let table, let relocations else { return }
    read(elf, table: table, hasHeader: hasHeader, relocations: relocations)
  }

  private mutating func read(
    _ elf: OpaquePointer, table: GElf_Shdr, hasHeader: Bool,
    relocations: (section: OpaquePointer, header: GElf_Shdr)
  ) {
    let size = table.sh_entsize > 0 && table.sh_entsize <= 64 ? table.sh_entsize : 16
    guard let symbolSection = elf_getscn(elf, Int(relocations.header.sh_link)),
      let symbols = elf_getdata(symbolSection, nil),
      let data = elf_getdata(relocations.section, nil),
      relocations.header.sh_entsize > 0
    else { return }
    var symbolHeader = GElf_Shdr()
    guard gelf_getshdr(symbolSection, &symbolHeader) != nil else { return }
    let room = table.sh_size / size
    let count = min(relocations.header.sh_size / relocations.header.sh_entsize, room, 1 << 20)
    // Stubs may share one long name, so that the names are many times larger than the file.
    var nameRoom = 64 << 20
    for index in 0..<count {
      var relocation = GElf_Rela()
      var symbol = GElf_Sym()
      guard gelf_getrela(data, Int32(index), &relocation) != nil,
        gelf_getsym(symbols, Int32(truncatingIfNeeded: relocation.r_info >> 32), &symbol) != nil,
        let name = elf_strptr(elf, Int(symbolHeader.sh_link), Int(symbol.st_name))
      else { continue }
      nameRoom -= strlen(name)
      guard nameRoom > 0 else { return }
      let place = hasHeader ? index + 1 : index
      entries.append(
        Entry(
          name: String(cString: name), address: table.sh_addr &+ place &* size, size: size))
    }
  }
}
