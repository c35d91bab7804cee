internal import Profiler

/// A module's `.symtab`: what its relocations refer to.
///
///     u32 st_name │ u8 st_info │ u8 st_other │ u16 st_shndx │ u64 st_value │ u64 st_size
struct ModuleSymbols {
  struct Symbol {
    /// Where its name stands among ``names``; empty for a section's.
    let name: Range<Int>
    /// `st_shndx`.
    let section: Int
    let value: UInt64
    let size: UInt64
    /// Function, object or label, and not a section or a file.
    let isNamed: Bool
    let isGlobal: Bool

    /// Whether it belongs to the kernel or to another module.
    var isImported: Bool { section == 0 }
    /// Whether its value is its address already (SHN_ABS).
    var isAbsolute: Bool { section == 0xfff1 }
  }

  /// By index; the first is none.
  private(set) var symbols: [Symbol] = []
  /// The string table.
  let names: [UInt8]

  /// - Throws: ``SymbolError`` without the file's name where there is none.
  init(_ bytes: RawSpan, _ sections: [ElfSection]) throws(SymbolError) {
    guard let table = sections.first(where: { $0.type == 2 }),  // SHT_SYMTAB
      sections.indices.contains(Int(table.link))
    else { throw SymbolError("a module without symbols, which no kernel would load") }
    let strings = sections[Int(table.link)]
    names = bytes.section(strings.offset, strings.size).copied()
    let rows = bytes.section(table.offset, table.size)
    for at in stride(from: 0, to: rows.byteCount - 23, by: 24) {
      symbols.append(symbol(rows, at))
    }
  }

  private func symbol(_ rows: RawSpan, _ at: Int) -> Symbol {
    let start = min(Int(rows.integer(UInt32.self, at: at) ?? 0), names.count)
    let info = rows.integer(UInt8.self, at: at + 4) ?? 0
    let end = names[start...].firstIndex(of: 0) ?? names.count
    return Symbol(
      name: start..<end, section: Int(rows.integer(UInt16.self, at: at + 6) ?? 0),
      value: rows.integer(UInt64.self, at: at + 8) ?? 0,
      size: rows.integer(UInt64.self, at: at + 16) ?? 0,
      isNamed: [0, 1, 2, 10].contains(info & 0xf) && start < end, isGlobal: info >> 4 == 1)
  }

  /// A symbol's name.
  func name(_ symbol: Symbol) -> String { String(decoding: names[symbol.name], as: UTF8.self) }
}
