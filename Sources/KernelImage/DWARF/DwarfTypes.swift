internal import CElfutils

/// What DWARF says of types, as far as operations tables need it.
struct DwarfTypes {
  /// A structure that has pointers to functions.
  struct Structure {
    let name: String
    let size: Int
    /// Pointers to functions, by offset.
    var slots: [OperationsLayout.Slot] = []
    /// Members, those of inner structures counted one by one.
    var memberCount = 0

    /// As ``OperationsLayout/isTable``.
    var isTable: Bool { slots.count >= 2 && slots.count * 4 >= memberCount }
  }

  /// By offset in `.debug_info`; nil for types without pointers to functions.
  private var known: [Dwarf_Off: Structure?] = [:]

  /// Nesting followed; hostile types may contain themselves.
  private static let deepest = 4
  private static let largest = 4096
  private static let mostMembers = 1024

  /// The structure that a variable is, or is an array of, and the array's length.
  mutating func structure(of variable: inout Dwarf_Die) -> (Structure, count: Int)? {
    guard var type = DwarfTypes.type(of: &variable) else { return nil }
    var count = 1
    if dwarf_tag(&type) == DW_TAG_array_type {
      var size: Dwarf_Word = 0
      guard var element = DwarfTypes.type(of: &type),
        dwarf_aggregate_size(&type, &size) == 0
      else { return nil }
      let one = max(1, Int(dwarf_bytesize(&element)))
      (count, type) = (Int(clamping: size) / one, element)
    }
    guard dwarf_tag(&type) == DW_TAG_structure_type, let found = structure(&type) else {
      return nil
    }
    return (found, count)
  }

  private mutating func structure(_ type: inout Dwarf_Die) -> Structure? {
    let offset = dwarf_dieoffset(&type)
    if let found = known[offset] { return found }
    let size = Int(dwarf_bytesize(&type))
    var found = Structure(name: DwarfTypes.name(&type), size: size)
    if size >= 8, size <= DwarfTypes.largest, !found.name.isEmpty {
      DwarfTypes.add(&type, at: 0, path: "", to: &found, depth: 0)
    }
    let table = found.isTable ? found : nil
    known[offset] = .some(table)  // before looking inside: hostile types contain themselves
    guard let inner = firstMember(&type), inner.slots.count == found.slots.count else {
      return table
    }
    known[offset] = .some(inner)
    return inner
  }

  /// The structure that is the first member: if it has all the slots, the outer one is no table.
  private mutating func firstMember(_ type: inout Dwarf_Die) -> Structure? {
    var member = Dwarf_Die()
    guard dwarf_child(&type, &member) == 0, dwarf_tag(&member) == DW_TAG_member,
      var inner = DwarfTypes.type(of: &member), dwarf_tag(&inner) == DW_TAG_structure_type
    else { return nil }
    return structure(&inner)
  }

  private static func add(
    _ type: inout Dwarf_Die, at start: Int, path: String, to found: inout Structure, depth: Int
  ) {
    var member = Dwarf_Die()
    guard dwarf_child(&type, &member) == 0 else { return }
    repeat {
      guard dwarf_tag(&member) == DW_TAG_member, var inner = DwarfTypes.type(of: &member) else {
        continue
      }
      let offset = start + place(&member)
      let name = [path, DwarfTypes.name(&member)].filter { !$0.isEmpty }.joined(separator: ".")
      let tag = dwarf_tag(&inner)
      if tag == DW_TAG_structure_type || tag == DW_TAG_union_type, depth < deepest {
        add(&inner, at: offset, path: name, to: &found, depth: depth + 1)
      } else {
        found.memberCount += 1
        if isFunctionPointer(&inner), !found.slots.contains(where: { $0.offset == offset }) {
          found.slots.append(OperationsLayout.Slot(name: name, offset: offset, prototype: 0))
        }
      }
    } while found.memberCount < mostMembers && DwarfTypes.moveOn(&member)
  }

  /// Moves to the next entry beside this one; false at the end.
  static func moveOn(_ entry: inout Dwarf_Die) -> Bool {
    var next = Dwarf_Die()
    guard dwarf_siblingof(&entry, &next) == 0 else { return false }
    entry = next
    return true
  }

  private static func place(_ member: inout Dwarf_Die) -> Int {
    var attribute = Dwarf_Attribute()
    var value: Dwarf_Word = 0
    guard dwarf_attr(&member, UInt32(DW_AT_data_member_location), &attribute) != nil,
      dwarf_formudata(&attribute, &value) == 0
    else { return 0 }
    return Int(clamping: min(value, 1 << 20))
  }

  private static func isFunctionPointer(_ type: inout Dwarf_Die) -> Bool {
    guard dwarf_tag(&type) == DW_TAG_pointer_type, var target = self.type(of: &type) else {
      return false
    }
    return dwarf_tag(&target) == DW_TAG_subroutine_type
  }

  /// The type that an entry refers to, behind typedefs and qualifiers.
  static func type(of entry: inout Dwarf_Die) -> Dwarf_Die? {
    var attribute = Dwarf_Attribute()
    var type = Dwarf_Die()
    var peeled = Dwarf_Die()
    guard dwarf_attr_integrate(&entry, UInt32(DW_AT_type), &attribute) != nil,
      dwarf_formref_die(&attribute, &type) != nil, dwarf_peel_type(&type, &peeled) == 0
    else { return nil }
    return peeled
  }

  /// The entry's name, or that of the declaration that it completes.
  static func name(_ entry: inout Dwarf_Die) -> String {
    dwarf_diename(&entry).map { String(cString: $0) } ?? ""
  }
}
