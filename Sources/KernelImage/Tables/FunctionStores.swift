/// The places where code of the image stores a function's address into a variable: how a table is
/// filled that is empty until the kernel runs (`tcp_bpf_prots`).
///
/// Looked for is the one instruction that compilers use for that on x86-64,
/// `movq $function, variable(%rip)`: 48 c7 05, the distance from its end, the address' lower half.
struct FunctionStores {
  /// One store.
  struct Store {
    /// Where it goes.
    let target: UInt64
    /// A row of the symbols.
    let function: Int
  }

  /// By target; equal ones once.
  private let stores: [Store]

  private static let length = 11

  init(_ image: KernelImage, _ types: FunctionTypes) {
    guard image.isX86 else {
      stores = []
      return
    }
    var found: [Store] = []
    for section in image.sections where section.isExecutable && section.isAllocated {
      image.withBytes(at: section.address, count: Int(clamping: section.size)) { bytes in
        FunctionStores.scan(bytes, at: section.address, types, &found)
      }
    }
    found.sort { ($0.target, $0.function) < ($1.target, $1.function) }
    stores = found
  }

  private static func scan(
    _ bytes: RawSpan, at start: UInt64, _ types: FunctionTypes, _ found: inout [Store]
  ) {
    for offset in 0..<max(0, bytes.byteCount - length + 1) {
      guard let head = bytes.integer(UInt32.self, at: offset), head & 0xff_ffff == 0x05_c748,
        let distance = bytes.integer(UInt32.self, at: offset + 3),
        let value = bytes.integer(UInt32.self, at: offset + 7)
      else { continue }
      guard let function = types.function(at: signExtended(value)) else { continue }
      let end = start &+ UInt64(offset + length)
      found.append(Store(target: end &+ signExtended(distance), function: function))
    }
  }

  private static func signExtended(_ word: UInt32) -> UInt64 {
    UInt64(bitPattern: Int64(Int32(bitPattern: word)))
  }

  /// The functions stored between two addresses, as offsets from the first.
  func functions(in range: Range<UInt64>) -> [(offset: Int, row: Int)] {
    var (low, high) = (0, stores.count)
    while low < high {
      let middle = (low + high) / 2
      if stores[middle].target < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    var found: [(offset: Int, row: Int)] = []
    for store in stores[low...].prefix(while: { $0.target < range.upperBound }) {
      let next = (offset: Int(store.target - range.lowerBound), row: store.function)
      if found.last.map({ $0 != next }) ?? true { found.append(next) }
    }
    return found
  }
}
