internal import CElfutils
import Glibc
public import SystemPackage

/// The symbols and load segments of one ELF file, read through libdwfl: separate debug files and
/// `.gnu_debugdata` count as the file's own.
public final class ElfImage: Sendable {
  /// Functions, sized objects and labels, at the addresses the file is linked for; of a kernel
  /// module its code, as offsets from where the kernel puts the module.
  public let symbols: SymbolTable
  /// The file's id, if it has one.
  public let buildID: BuildID?
  /// The file's functions, also inlined ones, with their lines; read when first asked. Nil where
  /// there is no file.
  public let debugInfo: DebugInfo?
  /// How to get from the file's functions to their callers.
  let callFrames: CallFrames?
  private let segments: [Segment]

  private struct Segment: Sendable {
    let offset: UInt64
    let address: UInt64
    let size: UInt64
  }

  /// Reads a file.
  ///
  /// - Parameter debugFolders: to look for separate debug files in, beside libdwfl's own places.
  /// - Throws: ``SymbolError`` where it isn't a regular file or libdwfl can't read it.
  public init(path: FilePath, debugFolders: [FilePath] = []) throws(SymbolError) {
    try refuseIrregular(path)
    let session = try DwflSession(path: path, debugFolders: debugFolders)
    debugInfo = DebugInfo(path: path, debugFolders: debugFolders)
    callFrames = CallFrames(path: path, debugFolders: debugFolders)
    buildID = session.buildID
    segments = session.segments().map(Segment.init)
    symbols = session.symbols()
  }

  /// What has symbols but no file: each address is its own.
  init(symbols: SymbolTable) {
    self.symbols = symbols
    (buildID, debugInfo, callFrames, segments) = (nil, nil, nil, [])
  }

  /// The address the file is linked for of a byte at a file offset; the offset itself outside all
  /// segments.
  public func address(ofFileOffset offset: UInt64) -> UInt64 {
    for segment in segments where offset >= segment.offset && offset - segment.offset < segment.size
    {
      return offset - segment.offset &+ segment.address
    }
    return offset
  }
}

extension DwflSession {
  var buildID: BuildID? {
    // The symbol table is asked first: only then has libdwfl opened the file.
    var bias: Dwarf_Addr = 0
    _ = dwfl_module_getelf(module, &bias)
    var bits: UnsafePointer<UInt8>?
    var address: GElf_Addr = 0
    let count = dwfl_module_build_id(module, &bits, &address)
    guard count > 0, let bits else { return nil }
    // SAFETY: libdwfl says that `count` bytes stand there.
    return BuildID(Array(UnsafeBufferPointer(start: bits, count: Int(count))))
  }

  func segments() -> [(offset: UInt64, address: UInt64, size: UInt64)] {
    var bias: Dwarf_Addr = 0
    guard let elf = dwfl_module_getelf(module, &bias) else { return [] }
    var count = 0
    guard elf_getphdrnum(elf, &count) == 0 else { return [] }
    let headers = (0..<count).compactMap { index in
      var header = GElf_Phdr()
      guard gelf_getphdr(elf, Int32(clamping: index), &header) != nil, header.p_type == PT_LOAD
      else {
        return nil as GElf_Phdr?
      }
      return header
    }
    let isDebugFile = headers.contains { $0.p_flags & UInt32(PF_X) != 0 && $0.p_filesz == 0 }
    return isDebugFile
      ? DwflSession.restored(headers)
      : headers.map { ($0.p_offset, $0.p_vaddr, $0.p_filesz) }
  }

  /// The segments of the file that a separate debug file was split off from: it has their addresses
  /// and sizes but not where they stood. Linkers put each at the first offset behind the one before
  /// that agrees with its address within a page.
  private static func restored(
    _ headers: [GElf_Phdr]
  ) -> [(offset: UInt64, address: UInt64, size: UInt64)] {
    var end: UInt64 = 0
    return headers.map { header in
      let offset = end &+ ((header.p_vaddr &- end) & 0xfff)
      end = offset.addingClamped(header.p_memsz)
      return (offset, header.p_vaddr, header.p_memsz)
    }
  }

  /// The sections of a file that is a kernel module: an object file. Section 0 is none; it has an
  /// entry so that indices agree.
  private func moduleSections() -> [(layout: ModuleLayout.Section, address: UInt64)]? {
    var bias: Dwarf_Addr = 0
    var header = GElf_Ehdr()
    guard let elf = dwfl_module_getelf(module, &bias), gelf_getehdr(elf, &header) != nil,
      header.e_type == ET_REL
    else { return nil }
    var names = 0
    guard elf_getshdrstrndx(elf, &names) == 0 else { return nil }
    var sections = [(ModuleLayout.Section(name: "", flags: 0, size: 0, alignment: 0), UInt64(0))]
    var section = elf_nextscn(elf, nil)
    while let current = section {
      section = elf_nextscn(elf, current)
      var header = GElf_Shdr()
      guard gelf_getshdr(current, &header) != nil else { return [] }
      let name = elf_strptr(elf, names, Int(header.sh_name)).map { String(cString: $0) }
      let layout = ModuleLayout.Section(
        name: name ?? "", flags: header.sh_flags, size: header.sh_size,
        alignment: header.sh_addralign)
      sections.append((layout, header.sh_addr))
    }
    return sections
  }

  /// Where the kernel puts the sections, if the file is a kernel module.
  private func moduleLayout() -> ModuleLayout? {
    moduleSections().map { ModuleLayout($0.map(\.layout)) }
  }

  /// A section with code of a kernel module.
  struct ModuleCode {
    /// Its offsets from where the kernel puts the module.
    let offsets: Range<UInt64>
    /// Where libdwfl puts it.
    let address: UInt64
  }

  /// The code of a kernel module; nil for any other file.
  func moduleCode() -> [ModuleCode]? {
    guard let sections = moduleSections() else { return nil }
    let layout = ModuleLayout(sections.map(\.layout))
    return sections.enumerated().compactMap { index, section in
      layout.start(ofSection: index).map {
        ModuleCode(
          offsets: $0..<$0.addingClamped(section.layout.size), address: section.address)
      }
    }
  }

  func symbols() -> SymbolTable {
    var bias: Dwarf_Addr = 0
    _ = dwfl_module_getelf(module, &bias)
    let count = dwfl_module_getsymtab(module)
    let layout = moduleLayout()
    var collector = ElfSymbolCollector()
    collector.entries.reserveCapacity(max(0, Int(count)))
    for index in 0..<max(0, count) {
      var symbol = GElf_Sym()
      var address: GElf_Addr = 0
      var section: GElf_Word = 0
      guard
        let name = dwfl_module_getsym_info(
          module, index, &symbol, &address, &section, nil, nil)
      else { continue }
      if let layout {
        // libdwfl gives object files addresses of its own; the symbol itself has the offset.
        guard let start = layout.start(ofSection: Int(section)) else { continue }
        address = start.addingClamped(symbol.st_value)
      } else {
        address &-= bias
      }
      // SAFETY: libdwfl returns NUL-terminated names that live as long as the session.
      collector.add(symbol, section: section, address: address, name: name)
    }
    if layout == nil, let elf = dwfl_module_getelf(module, &bias) {
      for entry in ProcedureLinkageTable(elf).entries {
        collector.add(plt: entry.name, at: entry.address, size: entry.size)
      }
    }
    return SymbolTable(collector.entries, names: collector.names)
  }
}

/// Chooses and ranks ELF symbols as perf does, so that both show the same name.
private struct ElfSymbolCollector {
  var entries: [SymbolTable.Entry] = []
  var names: [UInt8] = []

  mutating func add(
    _ symbol: GElf_Sym, section: UInt32, address: UInt64, name: UnsafePointer<CChar>
  ) {
    guard ElfSymbolCollector.isShown(symbol, section: section), name.pointee != 0 else { return }
    let length = strlen(name)
    guard hasRoom(length) else { return }
    let start = UInt32(names.count)  // fits: hasRoom()
    names.append(contentsOf: UnsafeRawBufferPointer(start: name, count: length))
    entries.append(
      SymbolTable.Entry(
        start: address, size: symbol.st_size, name: start..<UInt32(names.count),
        rank: rank(symbol, name: names[Int(start)...])))
  }

  mutating func add(plt name: String, at address: UInt64, size: UInt64) {
    guard hasRoom(name.utf8.count + 4) else { return }
    let start = UInt32(names.count)
    names.append(contentsOf: "\(name)@plt".utf8)
    entries.append(
      SymbolTable.Entry(start: address, size: size, name: start..<UInt32(names.count)))
  }

  /// Symbols may share one long name, so that the names are many times larger than the file.
  private static let largestBlob = 512 << 20

  private func hasRoom(_ length: Int) -> Bool {
    length <= ElfSymbolCollector.largestBlob - names.count
  }

  private static func isShown(_ symbol: GElf_Sym, section: UInt32) -> Bool {
    let isDefined = section != UInt32(SHN_UNDEF) && section != UInt32(SHN_ABS)
    let visibility = symbol.st_other & 3
    switch Int32(symbol.st_info & 0xf) {
    case STT_FUNC, STT_GNU_IFUNC: return isDefined
    case STT_OBJECT: return isDefined && symbol.st_size != 0
    case STT_NOTYPE:
      return isDefined && visibility != STV_HIDDEN && visibility != STV_INTERNAL
    default: return false
    }
  }

  /// perf's order of aliases: with a size, not weak, global, fewer leading underscores, longer, and
  /// of equals the first.
  private func rank(_ symbol: GElf_Sym, name: ArraySlice<UInt8>) -> UInt64 {
    let binding = Int32(symbol.st_info >> 4)
    let underscores = name.prefix { $0 == UInt8(ascii: "_") }.count
    return (symbol.st_size != 0 ? 1 << 63 : 0)
      | (binding != STB_WEAK ? 1 << 62 : 0)
      | (binding == STB_GLOBAL ? 1 << 61 : 0)
      | UInt64(255 - min(underscores, 255)) << 48
      | UInt64(min(name.count, 0xffff)) << 32
      | UInt64(UInt32.max - UInt32(truncatingIfNeeded: entries.count))
  }
}
