internal import CElfutils
import SystemPackage

/// An entry of DWARF's tree; valid as long as the session that it was read in.
struct DebugEntry {
  fileprivate var entry: Dwarf_Die

  init(_ entry: Dwarf_Die) { self.entry = entry }

  /// An entry that more than one question will be asked of: libdw looks its kind up here, and not again
  /// in each copy.
  fileprivate init(read entry: Dwarf_Die) {
    self.entry = entry
    _ = dwarf_tag(&self.entry)
  }

  /// What kind of thing it describes: `DW_TAG_*`.
  var tag: Int {
    var this = entry
    return Int(dwarf_tag(&this))
  }

  /// Stands for it in tables: no two entries of a session have the same.
  var key: Int { Int(bitPattern: entry.addr) }

  /// The first entry below it.
  var firstChild: DebugEntry? {
    var (parent, child) = (entry, Dwarf_Die())
    return dwarf_child(&parent, &child) == 0 ? DebugEntry(read: child) : nil
  }

  /// The next entry below the same parent. One that lies before this one is none: a damaged file's
  /// might go round in a circle.
  var next: DebugEntry? {
    var (this, next) = (entry, Dwarf_Die())
    guard dwarf_siblingof(&this, &next) == 0 else { return nil }
    let sibling = DebugEntry(read: next)
    return sibling.key > key ? sibling : nil
  }

  /// Calls `body` with each stretch of code it describes.
  func forEachRange(_ body: (UInt64, UInt64) -> Void) {
    guard has(DW_AT_low_pc) || has(DW_AT_ranges) else { return }
    var this = entry
    var (base, start, end): (Dwarf_Addr, Dwarf_Addr, Dwarf_Addr) = (0, 0, 0)
    var place = 0
    while true {
      place = dwarf_ranges(&this, place, &base, &start, &end)
      guard place > 0 else { return }
      body(start, end)
    }
  }

  /// Whether it has an attribute `DW_AT_*` itself.
  func has(_ attribute: Int) -> Bool {
    var this = entry
    return dwarf_hasattr(&this, UInt32(attribute)) != 0
  }

  /// An attribute's number.
  func number(_ attribute: Int) -> Int? {
    var (this, found, value) = (entry, Dwarf_Attribute(), Dwarf_Word(0))
    guard dwarf_attr(&this, UInt32(attribute), &found) != nil, dwarf_formudata(&found, &value) == 0
    else { return nil }
    return Int(exactly: value)
  }

  /// The entry that an attribute refers to.
  func reference(_ attribute: Int) -> DebugEntry? {
    var (this, found, other) = (entry, Dwarf_Attribute(), Dwarf_Die())
    guard dwarf_attr(&this, UInt32(attribute), &found) != nil,
      dwarf_formref_die(&found, &other) != nil
    else { return nil }
    return DebugEntry(other)
  }

  /// The name of a function as the linker knows it, else as the source has it; its own or that of
  /// what it is an instance of.
  var functionName: String? {
    string(DW_AT_linkage_name) ?? string(DW_AT_MIPS_linkage_name) ?? string(DW_AT_name)
  }

  private func string(_ attribute: Int) -> String? {
    var (this, found) = (entry, Dwarf_Attribute())
    guard dwarf_attr_integrate(&this, UInt32(attribute), &found) != nil else { return nil }
    return dwarf_formstring(&found).map { String(cString: $0) }
  }
}

/// Where the entries of a compilation unit stand.
extension DebugEntry {
  /// What a unit's header says.
  struct UnitExtent {
    /// The unit's entries, its own first.
    let entries: UnsafeRawBufferPointer
    /// Bytes of the header before them.
    let headerSize: Int
    /// Where in `.debug_abbrev` the unit's abbreviations begin.
    let abbreviations: Int
    let sizes: Abbreviations.Sizes
  }

  /// The extent of the unit whose own entry this is; nil where libdw doesn't know it.
  var unitExtent: UnitExtent? {
    var this = entry
    let (place, headerSize) = (dwarf_dieoffset(&this), dwarf_cuoffset(&this))
    var (next, size): (Dwarf_Off, Int) = (0, 0)
    var (version, abbreviations): (Dwarf_Half, Dwarf_Off) = (0, 0)
    var (address, offset): (UInt8, UInt8) = (0, 0)
    guard let dwarf = dwarf_cu_getdwarf(entry.cu), place != .max, headerSize <= place,
      dwarf_next_unit(
        dwarf, place - headerSize, &next, &size, &version, &abbreviations, &address, &offset, nil,
        nil) == 0,
      next > place, let count = Int(exactly: next - place)
    else { return nil }
    return UnitExtent(
      // SAFETY: libdw compared the unit's end with its section's.
      entries: UnsafeRawBufferPointer(start: entry.addr, count: count),
      headerSize: Int(headerSize), abbreviations: Int(clamping: abbreviations),
      sizes: Abbreviations.Sizes(version: version, address: address, offset: offset))
  }

  /// The entry that stands so many bytes behind this one, in the same unit.
  func entry(behind offset: Int) -> DebugEntry {
    var other = Dwarf_Die()
    // SAFETY: the place is one that UnitEntries read an entry at, inside the unit.
    other.addr = entry.addr + offset
    other.cu = entry.cu
    return DebugEntry(other)
  }
}

/// Lines and files of a compilation unit.
extension DebugEntry {
  /// The folder it was compiled in; file names may be relative to it.
  var compilationFolder: FilePath? { string(DW_AT_comp_dir).map { FilePath($0) } }

  /// Where the code at an address comes from.
  func position(of address: UInt64, in folder: FilePath?) -> SourcePosition? {
    var unit = entry
    guard let line = dwarf_getsrc_die(&unit, address),
      let file = dwarf_linesrc(line, nil, nil)
    else { return nil }
    var (number, column): (CInt, CInt) = (0, 0)
    _ = dwarf_lineno(line, &number)
    _ = dwarf_linecol(line, &column)
    return SourcePosition(
      String(cString: file), in: folder, line: Int(number), column: Int(column))
  }

  /// Where an inlined function is called; `self` is the unit that `function` stands in.
  func callPosition(of function: DebugEntry, in folder: FilePath?) -> SourcePosition? {
    var unit = entry
    var files: OpaquePointer?
    var count = 0
    guard let row = function.number(DW_AT_call_file),
      dwarf_getsrcfiles(&unit, &files, &count) == 0, row >= 0, row < count,
      let name = dwarf_filesrc(files, row, nil, nil)
    else { return nil }
    return SourcePosition(
      String(cString: name), in: folder, line: function.number(DW_AT_call_line) ?? 0,
      column: function.number(DW_AT_call_column) ?? 0)
  }
}

extension SourcePosition {
  /// - Parameters:
  ///   - line: 0 for none.
  ///   - column: 0 for none.
  fileprivate init(_ name: String, in folder: FilePath?, line: Int, column: Int) {
    let path = FilePath(name)
    let whole = path.isRelative ? folder?.pushing(path) ?? path : path
    self.init(
      file: whole.lexicallyNormalized().string, line: line > 0 ? line : nil,
      column: column > 0 ? column : nil)
  }
}
