/// One member of a structure or union.
struct BTFMember: Sendable, Equatable {
  /// Empty for an unnamed structure or union.
  let name: String
  let type: BTFType
  /// From the start of the structure it was asked of.
  let bitOffset: UInt64
  /// Width of a bit field; 0 for any other member.
  let bitSize: UInt32
}

extension BTF {
  /// The members of a structure or union, in its order.
  func members(_ type: BTFType) -> [BTFMember] {
    let type = resolved(type)
    guard kind(type) == .structure || kind(type) == .union else { return [] }
    return (0..<Int(counts[type.index])).map { member in
      let at = Int(tails[type.index]) + 3 * member
      let place = words[at + 2]
      let hasBits = flags[type.index]
      return BTFMember(
        name: string(words[at]), type: known(words[at + 1]),
        bitOffset: UInt64(hasBits ? place & 0xff_ffff : place), bitSize: hasBits ? place >> 24 : 0)
    }
  }

  /// The members with those of unnamed structures and unions in their place.
  func flatMembers(_ type: BTFType, depth: Int = 0) -> [BTFMember] {
    members(type).flatMap { member -> [BTFMember] in
      let inner = resolved(member.type)
      let isNested = kind(inner) == .structure || kind(inner) == .union
      guard member.name.isEmpty, isNested, depth < 8 else { return [member] }
      return flatMembers(inner, depth: depth + 1).map {
        BTFMember(
          name: $0.name, type: $0.type, bitOffset: member.bitOffset + $0.bitOffset,
          bitSize: $0.bitSize)
      }
    }
  }

  /// The prototype that a member calls through, if it is a pointer to functions.
  func prototype(pointedToBy type: BTFType) -> BTFType? {
    let pointer = resolved(type)
    guard kind(pointer) == .pointer else { return nil }
    let pointed = resolved(target(pointer))
    return kind(pointed) == .functionPrototype ? pointed : nil
  }

  /// Types of a prototype's parameters; void at the end stands for "…".
  func parameters(_ prototype: BTFType) -> [BTFType] {
    guard kind(prototype) == .functionPrototype else { return [] }
    return (0..<Int(counts[prototype.index])).map {
      known(words[Int(tails[prototype.index]) + 2 * $0 + 1])
    }
  }

  /// The first structure of a name.
  func structure(named wanted: String) -> BTFType? {
    types.first { kind($0) == .structure && name($0) == wanted }
  }

  /// Functions' prototypes by the functions' names; of several of a name the first.
  ///
  /// - Parameter first: the row to begin at.
  func prototypesByFunction(from first: Int = 0) -> [String: BTFType] {
    var found: [String: BTFType] = [:]
    for type in types.dropFirst(first) where kind(type) == .function {
      let name = name(type)
      if found[name] == nil { found[name] = target(type) }
    }
    return found
  }
}
