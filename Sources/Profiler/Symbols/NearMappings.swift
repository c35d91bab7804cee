/// The mappings of one address space that were asked for last.
///
/// Each 64 KiB of addresses have a place, which they share with others: most frames of a process lie in
/// a few files, and what is found here needs no search among all of its mappings.
struct NearMappings {
  struct Mapping {
    let start: UInt64
    /// One past the last address.
    let end: UInt64
    /// What to subtract from an address to get the offset in the file; wraps.
    let shift: UInt64
    /// Row of the file.
    let file: Int

    static let none = Mapping(start: 0, end: 0, shift: 0, file: 0)
  }

  private var places = [Mapping](repeating: .none, count: NearMappings.count)
  /// The places in use.
  private var used: [Int] = []

  private static let count = 256

  /// The mapping around an address, if it was remembered.
  @inline(__always)
  func mapping(covering address: UInt64) -> Mapping? {
    let mapping = places[NearMappings.place(of: address)]
    return mapping.start <= address && address < mapping.end ? mapping : nil
  }

  mutating func remember(_ mapping: Mapping, around address: UInt64) {
    let place = NearMappings.place(of: address)
    if places[place].end == 0 { used.append(place) }
    places[place] = mapping
  }

  mutating func removeAll() {
    for place in used { places[place] = .none }
    used.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  private static func place(of address: UInt64) -> Int {
    // As in IntegerMap, the top eight bits: files may lie at distances of a power of two.
    Int(truncatingIfNeeded: ((address >> 16) &* 0x9e37_79b9_7f4a_7c15) >> 56)
  }
}
