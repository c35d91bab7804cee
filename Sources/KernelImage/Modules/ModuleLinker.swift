internal import Profiler

/// Links a module as the kernel does when it loads it: gives its sections addresses and writes them
/// into its code and data.
///
///     base ──► .text │ .text.unlikely │ … │ page │ .rodata │ .data │ … │ imports │ imported data
///
/// Code stands where the running kernel has it (``ModuleLayout``), everything else somewhere behind.
/// What belongs to the kernel or to another module gets a place of its own in `imports` or `imported
/// data`, so that pointers to it lead to its name, wherever it really is.
///
/// Source: `arch/x86/kernel/module.c`, `__write_relocate_add`.
struct ModuleLinker {
  /// By index, with addresses; the two of the imports stand behind the file's.
  private(set) var sections: [ElfSection]
  private let symbols: ModuleSymbols
  /// By symbol.
  private var addresses: [UInt64] = []

  /// Modules' sections end before that, in bytes from the base.
  private static let largest: UInt64 = 256 << 20
  /// Bytes between imports.
  private static let importSize: UInt64 = 16

  /// - Parameters:
  ///   - base: where the module's memory begins.
  ///   - isData: whether a name of the kernel is a variable's.
  /// - Throws: ``SymbolError`` without the file's name for what no kernel would load.
  init(
    _ bytes: RawSpan, _ sections: [ElfSection], at base: UInt64, isData: (String) -> Bool
  ) throws(SymbolError) {
    self.sections = sections
    symbols = try ModuleSymbols(bytes, sections)
    let layout = ModuleLayout(
      sections.map {
        ModuleLayout.Section(
          name: $0.name, flags: $0.flags, size: $0.size, alignment: $0.alignment)
      })
    let code = sections.indices.compactMap { index in
      layout.start(ofSection: index).map { $0.addingClamped(sections[index].size) }
    }
    var end = ((code.max() ?? 0).addingClamped(0xfff)) & ~0xfff
    for index in sections.indices where sections[index].isAllocated {
      if let start = layout.start(ofSection: index) {
        self.sections[index].address = base &+ start
        continue
      }
      let mask = max(sections[index].alignment, 1) - 1
      let start = end.addingClamped(mask) & ~mask
      self.sections[index].address = base &+ start
      end = start.addingClamped(sections[index].size)
    }
    guard end <= ModuleLinker.largest else {
      throw SymbolError("its sections are larger than any module's")
    }
    place(importsAt: base &+ (end + 0xfff) & ~0xfff, isData)
  }

  private mutating func place(importsAt start: UInt64, _ isData: (String) -> Bool) {
    let imported = symbols.symbols.map { $0.isImported && $0.isNamed }
    let data = symbols.symbols.indices.map { imported[$0] && isData(name($0)) }
    let counts = (
      code: UInt64(imported.count { $0 } - data.count { $0 }), data: UInt64(data.count { $0 })
    )
    var next = (code: start, data: start &+ counts.code &* ModuleLinker.importSize)
    sections.append(ModuleLinker.imports("imports", at: next.code, counts.code, flags: 0x6))
    sections.append(ModuleLinker.imports("imported data", at: next.data, counts.data, flags: 0x3))
    for (index, symbol) in symbols.symbols.enumerated() {
      if data[index] {
        addresses.append(next.data)
        next.data &+= ModuleLinker.importSize
      } else if imported[index] {
        addresses.append(next.code)
        next.code &+= ModuleLinker.importSize
      } else {
        addresses.append(address(symbol))
      }
    }
  }

  private static func imports(
    _ name: String, at address: UInt64, _ count: UInt64, flags: UInt64
  ) -> ElfSection {
    ElfSection(
      name: name, type: 8, flags: flags, address: address, offset: 0, size: count &* importSize,
      alignment: importSize, link: 0, info: 0)
  }

  private func address(_ symbol: ModuleSymbols.Symbol) -> UInt64 {
    if symbol.isAbsolute { return symbol.value }
    guard sections.indices.contains(symbol.section) else { return 0 }
    return sections[symbol.section].address &+ symbol.value
  }

  private func name(_ index: Int) -> String { symbols.name(symbols.symbols[index]) }

  /// The module's symbols, and those it imports, at their addresses.
  var table: SymbolTable {
    let entries = symbols.symbols.enumerated().compactMap { index, symbol -> SymbolTable.Entry? in
      guard symbol.isNamed, !symbol.isAbsolute, addresses[index] != 0 else { return nil }
      let isPlaced = symbol.isImported || sections[symbol.section].isAllocated
      guard isPlaced else { return nil }
      return SymbolTable.Entry(
        start: addresses[index], size: symbol.isImported ? ModuleLinker.importSize : symbol.size,
        name: UInt32(symbol.name.lowerBound)..<UInt32(symbol.name.upperBound),
        rank: symbol.isGlobal ? 1 : 0)
    }
    return SymbolTable(entries, names: symbols.names)
  }

  /// Writes addresses into the sections that the kernel loads, and into DWARF.
  ///
  /// - Parameter bytes: the whole file's.
  func relocate(_ bytes: inout [UInt8]) throws(SymbolError) {
    for list in sections where list.type == 4 && sections.indices.contains(Int(list.info)) {
      let target = sections[Int(list.info)]  // SHT_RELA
      let isLoaded = target.isAllocated || target.name.hasPrefix(".debug_")
      guard isLoaded, !target.isEmpty, !target.isCompressed else { continue }
      let entries = bytes.span.bytes.section(list.offset, list.size).copied()
      for at in stride(from: 0, to: entries.count - 23, by: 24) {
        try apply(Relocation(entries.span.bytes, at), to: target, &bytes)
      }
    }
  }

  private func apply(
    _ relocation: Relocation, to section: ElfSection, _ bytes: inout [UInt8]
  ) throws(SymbolError) {
    guard relocation.type != 0 else { return }  // R_X86_64_NONE
    guard let form = relocation.form else {
      throw SymbolError("relocation type \(relocation.type), which is not known")
    }
    let (end, overflow) = relocation.offset.addingReportingOverflow(UInt64(form.size))
    guard !overflow, end <= section.size, relocation.symbol < addresses.count,
      let place = Int(exactly: section.offset.addingClamped(relocation.offset)),
      place <= bytes.count - form.size
    else {
      throw SymbolError(
        "a relocation at 0x\(String(relocation.offset, radix: 16)) of \(section.name), which has "
          + "0x\(String(section.size, radix: 16)) bytes")
    }
    // As the linker's: arithmetic modulo 2^64.
    var value = addresses[relocation.symbol] &+ relocation.addend
    if form.isRelative { value &-= section.address &+ relocation.offset }
    for byte in 0..<form.size {
      bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
    }
  }
}

/// An entry of a SHT_RELA section: u64 r_offset │ u32 type │ u32 symbol │ i64 r_addend.
private struct Relocation {
  let offset: UInt64
  let type: UInt32
  let symbol: Int
  let addend: UInt64

  init(_ entries: RawSpan, _ at: Int) {
    offset = entries.integer(UInt64.self, at: at) ?? 0
    type = entries.integer(UInt32.self, at: at + 8) ?? 0
    symbol = Int(entries.integer(UInt32.self, at: at + 12) ?? 0)
    addend = entries.integer(UInt64.self, at: at + 16) ?? 0
  }

  /// Bytes written, and whether the place's own address is subtracted.
  ///
  /// Source: x86-64 psABI, table 4.10.
  var form: (size: Int, isRelative: Bool)? {
    switch type {
    case 1: (8, false)  // R_X86_64_64
    case 2, 4: (4, true)  // R_X86_64_PC32, R_X86_64_PLT32
    case 10, 11: (4, false)  // R_X86_64_32, R_X86_64_32S
    case 24: (8, true)  // R_X86_64_PC64
    default: nil
    }
  }
}
