internal import CElfutils

extension KernelDeclarations {
  /// What DWARF says: one pass over the entries outside functions.
  init(_ wanted: Wanted, dwarfOf image: KernelImage) {
    self.init()
    DwarfVariables.forEachUnit(of: image) { unit in
      var entry = Dwarf_Die()
      guard dwarf_child(&unit, &entry) == 0 else { return }
      repeat { add(&entry, wanted) } while DwarfTypes.moveOn(&entry)
    }
  }

  private mutating func add(_ entry: inout Dwarf_Die, _ wanted: Wanted) {
    let tag = dwarf_tag(&entry)
    if tag == DW_TAG_subprogram {
      addFunction(&entry, wanted)
    } else if tag == DW_TAG_structure_type {
      addStructure(&entry, wanted)
    } else if tag == DW_TAG_enumeration_type {
      let names = DwarfDeclarations.children(of: &entry)
      enumerators.formUnion(wanted.enumerators.intersection(names))
    }
  }

  private mutating func addFunction(_ entry: inout Dwarf_Die, _ wanted: Wanted) {
    let name = DwarfTypes.name(&entry)
    guard wanted.functions.contains(name), dwarf_hasattr(&entry, UInt32(DW_AT_low_pc)) != 0 else {
      return
    }
    functions.insert(name)
  }

  private mutating func addStructure(_ entry: inout Dwarf_Die, _ wanted: Wanted) {
    let name = DwarfTypes.name(&entry)
    guard wanted.structures.contains(name), structures[name] == nil,
      dwarf_hasattr(&entry, UInt32(DW_AT_declaration)) == 0
    else { return }
    var members: [String: Member] = [:]
    DwarfDeclarations.addMembers(of: &entry, to: &members, depth: 0)
    structures[name] = members
  }
}

private enum DwarfDeclarations {
  /// Nesting followed; hostile types may contain themselves.
  private static let deepest = 8

  static func addMembers(
    of type: inout Dwarf_Die, to members: inout [String: KernelDeclarations.Member], depth: Int
  ) {
    var member = Dwarf_Die()
    guard depth < deepest, dwarf_child(&type, &member) == 0 else { return }
    repeat {
      guard dwarf_tag(&member) == DW_TAG_member else { continue }
      let name = DwarfTypes.name(&member)
      guard var type = DwarfTypes.type(of: &member) else { continue }
      if name.isEmpty {
        addMembers(of: &type, to: &members, depth: depth + 1)
      } else {
        members[name] = KernelDeclarations.Member(parameters: parameters(of: &type))
      }
    } while DwarfTypes.moveOn(&member)
  }

  /// How many parameters a pointer to functions takes; nil for other types.
  private static func parameters(of type: inout Dwarf_Die) -> Int? {
    guard dwarf_tag(&type) == DW_TAG_pointer_type, var target = DwarfTypes.type(of: &type),
      dwarf_tag(&target) == DW_TAG_subroutine_type
    else { return nil }
    var count = 0
    var entry = Dwarf_Die()
    guard dwarf_child(&target, &entry) == 0 else { return 0 }
    repeat {
      if dwarf_tag(&entry) == DW_TAG_formal_parameter { count += 1 }
    } while DwarfTypes.moveOn(&entry)
    return count
  }

  static func children(of type: inout Dwarf_Die) -> [String] {
    var names: [String] = []
    var entry = Dwarf_Die()
    guard dwarf_child(&type, &entry) == 0 else { return [] }
    repeat { names.append(DwarfTypes.name(&entry)) } while DwarfTypes.moveOn(&entry)
    return names
  }
}
