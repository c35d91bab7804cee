/// The stretches of one address space that were asked for last.
///
/// Each 64 KiB of addresses have a place, which they share with others: most frames of a process lie in
/// a few files, and what is found here needs no search among all of its mappings.
struct NearMappings {
  /// A mapping, or a gap between two.
  struct Stretch {
    let start: UInt64
    /// One past the last address.
    let end: UInt64
    /// What to subtract from an address to get the offset in the file; wraps.
    var shift: UInt64 = 0
    /// Row of the file; nil where nothing is mapped.
    var file: Int?
  }

  /// The first covers no address.
  private var stretches = [Stretch(start: 0, end: 0)]
  /// Rows of ``stretches``.
  private var places = InlineArray<256, UInt8>(repeating: 0)

  /// Places that a stretch gets at once: most addresses in it will be asked for, too.
  private static let mostPlaces: UInt64 = 64

  /// What is around an address, if it was remembered.
  @inline(__always)
  func stretch(around address: UInt64) -> Stretch? {
    let stretch = stretches[Int(places[NearMappings.place(of: address)])]
    return stretch.start <= address && address < stretch.end ? stretch : nil
  }

  /// Remembers what is around an address, and takes the free places of the addresses next to it.
  mutating func remember(_ stretch: Stretch, around address: UInt64) {
    // The last address of all is before no end.
    guard stretch.start <= address, address < stretch.end else { return }
    if stretches.count > Int(UInt8.max) { removeAll() }
    let row = UInt8(stretches.count)
    stretches.append(stretch)
    let middle = address >> 16
    let first = max(stretch.start >> 16, middle - min(middle, NearMappings.mostPlaces / 2))
    let last = min((stretch.end - 1) >> 16, middle + NearMappings.mostPlaces / 2)
    for block in first...last {
      let place = NearMappings.place(of: block << 16)
      if places[place] == 0 { places[place] = row }
    }
    places[NearMappings.place(of: address)] = row
  }

  mutating func removeAll() {
    stretches.removeSubrange(1...)
    places = InlineArray(repeating: 0)
  }

  @inline(__always)
  private static func place(of address: UInt64) -> Int {
    // As in IntegerMap, the top eight bits: files may lie at distances of a power of two.
    Int(truncatingIfNeeded: ((address >> 16) &* 0x9e37_79b9_7f4a_7c15) >> 56)
  }
}
