internal import CElfutils

/// The variables of an image that DWARF says are operations tables.
///
/// Only variables outside functions are looked at; those inside are found as without DWARF.
enum DwarfVariables {
  /// A variable.
  struct Variable {
    let name: String
    let address: UInt64
    let structure: DwarfTypes.Structure
    /// More than 1 for an array.
    let count: Int
  }

  /// All of them, by address; none without DWARF.
  static func tables(of image: KernelImage) -> [Variable] {
    var found: [UInt64: Variable] = [:]
    var types = DwarfTypes()
    forEachUnit(of: image) { unit in
      for variable in variables(&unit, &types) { found[variable.address] = variable }
    }
    return found.values.sorted { $0.address < $1.address }
  }

  /// Calls `body` with the entry of each compiled source; with none without DWARF.
  static func forEachUnit(of image: KernelImage, _ body: (inout Dwarf_Die) -> Void) {
    guard image.section(named: ".debug_info") != nil else { return }
    image.bytes.withBytes { bytes in
      withElf(bytes) { elf in
        guard let elf, let dwarf = dwarf_begin_elf(elf, DWARF_C_READ, nil) else { return }
        defer { dwarf_end(dwarf) }
        // SAFETY: libdw's unit handle lives as long as the session, which ends behind the loop.
        var unit: OpaquePointer?
        var entry = Dwarf_Die()
        while dwarf_get_units(dwarf, unit, &unit, nil, nil, &entry, nil) == 0 { body(&entry) }
      }
    }
  }

  private static func variables(
    _ unit: inout Dwarf_Die, _ types: inout DwarfTypes
  ) -> [Variable] {
    var found: [Variable] = []
    var entry = Dwarf_Die()
    guard dwarf_child(&unit, &entry) == 0 else { return [] }
    repeat {
      guard dwarf_tag(&entry) == DW_TAG_variable, let address = address(&entry),
        let (structure, count) = types.structure(of: &entry)
      else { continue }
      found.append(
        Variable(
          name: DwarfTypes.name(&entry), address: address, structure: structure,
          count: min(count, VariableWords.largest / structure.size)))
    } while DwarfTypes.moveOn(&entry)
    return found
  }

  /// Where a variable stands, if it has one place.
  private static func address(_ variable: inout Dwarf_Die) -> UInt64? {
    var attribute = Dwarf_Attribute()
    var operations: UnsafeMutablePointer<Dwarf_Op>?
    var count = 0
    guard dwarf_attr(&variable, UInt32(DW_AT_location), &attribute) != nil,
      dwarf_getlocation(&attribute, &operations, &count) == 0, count == 1, let operations,
      Int32(operations.pointee.atom) == DW_OP_addr
    else { return nil }
    // SAFETY: libdw's array of `count` operations lives as long as the session.
    return operations.pointee.number
  }
}
