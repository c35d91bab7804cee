/// The places whose instructions the kernel replaces when it boots, for the processor it finds:
/// what the image has there need not be what ran.
///
/// An entry of `.altinstructions` begins with an i32, the distance of the place from the entry, and
/// a second one, of the replacement; its last two bytes are the lengths of both. Between them stand
/// two bytes or, since 6.3, four for the processor's feature.
///
/// Source: `arch/x86/include/asm/alternative.h`, `struct alt_instr`.
struct PatchedCode: Sendable {
  /// Sorted; places don't overlap but several entries may have one.
  private let places: [(start: UInt64, length: UInt64)]

  init(_ image: KernelImage) {
    let start = image.section(named: ".altinstructions")?.address ?? 0
    places = image.withSection(".altinstructions") { bytes in
      for size in [12, 14] {
        if let places = PatchedCode.read(bytes, at: start, size, image) { return places }
      }
      return []
    }
  }

  /// - Returns: nil if entries are of another size: then some lie outside all code.
  private static func read(
    _ bytes: RawSpan, at start: UInt64, _ size: Int, _ image: KernelImage
  ) -> [(start: UInt64, length: UInt64)]? {
    guard bytes.byteCount % size == 0 else { return nil }
    var places: [(start: UInt64, length: UInt64)] = []
    for offset in stride(from: 0, to: bytes.byteCount, by: size) {
      guard let distance = bytes.integer(UInt32.self, at: offset),
        let length = bytes.integer(UInt8.self, at: offset + size - 2)
      else { return nil }
      let place = start &+ UInt64(offset) &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance)))
      guard image.isCode(place) else { return nil }
      places.append((place, UInt64(length)))
    }
    return places.sorted { ($0.start, $0.length) < ($1.start, $1.length) }
  }

  /// Whether the instruction at an address of the image may be replaced.
  func covers(_ address: UInt64) -> Bool {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].start <= address { low = middle + 1 } else { high = middle }
    }
    return places[..<low].suffix(8).contains { address - $0.start < $0.length }
  }
}
