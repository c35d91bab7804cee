extension BTF {
  /// Whether a value of a type takes one general-purpose register as an argument.
  func isScalar(_ type: BTFType) -> Bool {
    let type = resolved(type)
    switch kind(type) {
    case .pointer, .enumeration, .enumeration64: return true
    case .int: return size(type) <= 8
    default: return false
    }
  }

  /// The type of the pointer that stands at a byte of a structure; nil where none begins there, and
  /// where the members of a union don't agree.
  func pointer(in structure: BTFType, at offset: Int64) -> BTFType? {
    member(in: structure, at: offset)?.type
  }

  /// The slot that a pointer to functions at a byte of a structure is.
  func slot(in structure: BTFType, at offset: Int64) -> OperationSlot? {
    guard let found = member(in: structure, at: offset), prototype(pointedToBy: found.type) != nil
    else { return nil }
    return OperationSlot(structure: found.structure, member: found.name, offset: found.offset)
  }

  private struct FoundMember {
    /// The innermost structure with a name.
    var structure: String
    /// The path from there.
    var name: String
    var offset: Int
    let type: BTFType
  }

  private func member(in type: BTFType, at offset: Int64, depth: Int = 0) -> FoundMember? {
    let type = resolved(type)
    guard offset >= 0, depth < 8, kind(type) == .structure || kind(type) == .union else {
      return nil
    }
    var found: FoundMember?
    for member in members(type) where member.bitSize == 0 && member.bitOffset % 8 == 0 {
      let start = Int64(member.bitOffset / 8)
      guard start <= offset, var inside = inside(member, at: offset - start, depth) else {
        continue
      }
      if inside.structure.isEmpty {
        inside.offset += Int(start)
        inside.name = [member.name, inside.name].filter { !$0.isEmpty }.joined(separator: ".")
      }
      if let found, found.type != inside.type { return nil }
      found = inside
    }
    if found?.structure == "", kind(type) == .structure { found?.structure = name(type) }
    return found
  }

  /// The pointer at a byte of a member: the member itself, or one of its own.
  private func inside(_ member: BTFMember, at offset: Int64, _ depth: Int) -> FoundMember? {
    var type = resolved(member.type)
    var offset = offset
    if kind(type) == .array {
      let element = resolved(array(type).element)
      let length = Int64(clamping: size(element))
      guard length > 0, offset < Int64(clamping: size(type)) else { return nil }
      (type, offset) = (element, offset % length)
    }
    if kind(type) == .pointer {
      return offset == 0 ? FoundMember(structure: "", name: "", offset: 0, type: type) : nil
    }
    guard offset < Int64(clamping: size(type)) else { return nil }
    return self.member(in: type, at: offset, depth: depth + 1)
  }
}
