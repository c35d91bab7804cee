internal import CElfutils
import Glibc
internal import Profiler

/// Reads `.symtab`: functions, objects and labels of allocated sections.
enum ElfSymbolReading {
  /// Symbols may share one long name, so that the names are many times larger than the file.
  private static let largestNames = 256 << 20

  /// The symbols of a file; none if it is stripped.
  ///
  /// - Parameter sectionStart: where a section begins, nil for one whose symbols don't count.
  static func symbols(
    _ bytes: RawSpan, _ sections: [ElfSection], sectionStart: (Int) -> UInt64?
  ) -> SymbolTable {
    guard let index = sections.firstIndex(where: { $0.type == UInt32(SHT_SYMTAB) }) else {
      return SymbolTable()
    }
    return withElf(bytes) { elf in
      guard let elf, let section = elf_getscn(elf, index), let data = elf_getdata(section, nil)
      else { return SymbolTable() }
      return read(elf, data, sections[index], sectionStart)
    }
  }

  private static func read(
    _ elf: OpaquePointer, _ data: UnsafeMutablePointer<Elf_Data>, _ table: ElfSection,
    _ sectionStart: (Int) -> UInt64?
  ) -> SymbolTable {
    var entries: [SymbolTable.Entry] = []
    var names: [UInt8] = []
    for index in 0..<Int32(clamping: table.size / 24) {  // sizeof(Elf64_Sym)
      var symbol = GElf_Sym()
      guard gelf_getsym(data, index, &symbol) != nil, isNamed(symbol),
        let start = sectionStart(Int(symbol.st_shndx)),
        let name = elf_strptr(elf, Int(table.link), Int(symbol.st_name)), name.pointee != 0,
        names.count < largestNames
      else { continue }
      let from = UInt32(names.count)
      // SAFETY: libelf returns NUL-terminated names inside the file.
      names.append(contentsOf: String(cString: name).utf8)
      entries.append(
        SymbolTable.Entry(
          start: start &+ symbol.st_value, size: symbol.st_size, name: from..<UInt32(names.count),
          rank: symbol.st_info >> 4 == UInt8(STB_GLOBAL) ? 1 : 0))
    }
    return SymbolTable(entries, names: names)
  }

  /// Functions, objects and labels.
  private static func isNamed(_ symbol: GElf_Sym) -> Bool {
    let kind = Int32(symbol.st_info & 0xf)
    return kind == STT_FUNC || kind == STT_OBJECT || kind == STT_NOTYPE || kind == STT_GNU_IFUNC
  }
}
