internal import CElfutils
import SystemPackage

/// The units of a file's DWARF, by address.
struct DebugTree: ~Copyable {
  private let session: DwflSession
  /// Where the units stand, if not in a file of the session's.
  private let unpacked: UnpackedSections?
  private var units: [DebugUnit] = []
  private var ranges = NestedRanges()
  /// What to add to an address of the file to get DWARF's.
  private let shift: UInt64
  /// Of a kernel module, whose addresses are offsets from where the kernel puts it.
  private let moduleCode: [DwflSession.ModuleCode]?
  private var names: [Int: String] = [:]

  /// - Parameter hasLines: whether it will be asked for lines.
  /// - Returns: nil where there is no DWARF.
  static func open(
    _ path: FilePath, _ debugFolders: [FilePath], hasLines: Bool
  ) -> DebugTree? {
    do throws(SymbolError) {
      try refuseIrregular(path)
      let tree = DebugTree(
        try DwflSession(path: path, debugFolders: debugFolders),
        leavingOut: hasLines ? UnpackedSections.notOfLines : UnpackedSections.notOfFunctions)
      if tree.units.isEmpty { return nil }
      return tree
    } catch {
      return nil
    }
  }

  private init(_ session: consuming DwflSession, leavingOut unused: Set<String>) {
    unpacked = session.unpackedDebugFile(leavingOut: unused)
    let own = unpacked == nil ? session.dwarf : nil
    let elf = own == nil ? nil : session.elf
    moduleCode = own == nil ? nil : session.moduleCode()
    shift = (elf?.bias ?? 0) &- (own?.bias ?? 0)
    self.session = session
    let handle =
      switch unpacked {
      case .some(let file): file.dwarf as OpaquePointer?
      case .none: own?.handle
      }
    if let handle { readUnits(handle) }
  }

  private mutating func readUnits(_ dwarf: OpaquePointer) {
    var handle: OpaquePointer?
    var (kind, root, split): (UInt8, Dwarf_Die, Dwarf_Die) = (0, Dwarf_Die(), Dwarf_Die())
    var rows: [Dwarf_Off: Int] = [:]
    let abbreviations = AbbreviationSection(of: dwarf)
    while dwarf_get_units(dwarf, handle, &handle, nil, &kind, &root, &split) == 0 {
      let unit: DebugUnit
      switch Int(kind) {
      case DW_UT_compile:
        unit = DebugUnit(root: DebugEntry(root), tree: DebugEntry(root), abbreviations)
      case DW_UT_skeleton where split.addr != nil:
        unit = DebugUnit(root: DebugEntry(root), tree: DebugEntry(split), nil)
      default: continue  // types, and what other units import
      }
      rows[dwarf_dieoffset(&root)] = units.count
      units.append(unit)
    }
    var stretches = DebugTree.listedRanges(dwarf, rows)
    let listed = Set(stretches.map(\.row))
    for row in units.indices where !listed.contains(row) {
      units[row].forEachRange { start, end in
        stretches.append(NestedRanges.Stretch(start: start, end: end, row: row))
      }
    }
    // The linker leaves what it threw away at address 0.
    ranges = NestedRanges(stretches.filter { $0.start > 0 })
  }

  /// The units' code by `.debug_aranges`, which saves looking into each unit; not all compilers write it.
  ///
  /// - Parameter rows: the units' numbers, by where their entries stand.
  private static func listedRanges(
    _ dwarf: OpaquePointer, _ rows: [Dwarf_Off: Int]
  ) -> [NestedRanges.Stretch] {
    var (list, count): (OpaquePointer?, Int) = (nil, 0)
    guard dwarf_getaranges(dwarf, &list, &count) == 0, let list else { return [] }
    return (0..<count).compactMap { index in
      var (start, length, unit): (Dwarf_Addr, Dwarf_Word, Dwarf_Off) = (0, 0, 0)
      guard let range = dwarf_onearange(list, index),
        dwarf_getarangeinfo(range, &start, &length, &unit) == 0, let row = rows[unit]
      else { return nil }
      return NestedRanges.Stretch(start: start, end: start.addingClamped(length), row: row)
    }
  }

  /// Where DWARF has an address of the file.
  private borrowing func place(of address: UInt64) -> UInt64? {
    guard let moduleCode else { return address &+ shift }
    return moduleCode.first { $0.offsets.contains(address) }.map {
      address - $0.offsets.lowerBound &+ $0.address &+ shift
    }
  }

  /// The functions at an address of the file, innermost first.
  mutating func frames(at address: UInt64) -> [SourceFrame] {
    guard let place = place(of: address), let row = ranges.row(covering: place) else { return [] }
    var position = units[row].position(of: place)
    let scopes = units[row].scopes(at: place)
    guard !scopes.isEmpty else {
      return position.map { [SourceFrame(function: nil, isInlined: false, position: $0)] } ?? []
    }
    var frames: [SourceFrame] = []
    for (depth, scope) in scopes.enumerated() {
      let isInlined = depth + 1 < scopes.count
      frames.append(
        SourceFrame(function: name(of: scope), isInlined: isInlined, position: position))
      if isInlined { position = units[row].callPosition(of: scope) }
    }
    return frames
  }

  /// The names of the functions inlined at an address, innermost first.
  mutating func inlinedFunctions(at address: UInt64) -> [String] {
    guard let place = place(of: address), let row = ranges.row(covering: place) else { return [] }
    return units[row].scopes(at: place).dropLast().map { name(of: $0) ?? "[unknown]" }
  }

  private mutating func name(of function: DebugEntry) -> String? {
    let origin = function.reference(DW_AT_abstract_origin) ?? function
    if let known = names[origin.key] { return known.isEmpty ? nil : known }
    let name = origin.functionName.map { demangled($0) ?? $0 }
    names[origin.key] = name ?? ""
    return name
  }
}
