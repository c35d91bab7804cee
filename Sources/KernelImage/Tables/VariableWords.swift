/// The words of one variable of the image, at most as far as the next symbol.
struct VariableWords {
  /// A word that leads, or will lead, to a function.
  struct Pointer {
    /// Bytes from the variable's start.
    let offset: Int
    /// The function: a row of the symbols.
    let row: Int
    /// Whether code of the kernel puts it there.
    let isStored: Bool
  }

  /// Bytes from the variable's start to the end of what may be its own.
  let size: Int
  private let values: [UInt64]
  /// By offset; of one offset first the image's own.
  let pointers: [Pointer]

  /// Longest variable looked at.
  static let largest = 64 << 10

  /// - Parameters:
  ///   - bytes: fewer than `size`, or none, for variables that are zero until the kernel runs.
  ///   - stores: what code of the kernel puts there.
  init(
    _ bytes: RawSpan, size: Int, _ types: FunctionTypes, stores: [(offset: Int, row: Int)] = []
  ) {
    self.size = size
    var values: [UInt64] = []
    var pointers: [Pointer] = []
    values.reserveCapacity(bytes.byteCount / 8)
    for offset in stride(from: 0, to: bytes.byteCount - 7, by: 8) {
      let value = bytes.integer(UInt64.self, at: offset) ?? 0
      values.append(value)
      if types.mayBeCode(value), let row = types.function(at: value) {
        pointers.append(Pointer(offset: offset, row: row, isStored: false))
      }
    }
    for store in stores where !pointers.contains(where: { $0 == store }) {
      pointers.append(Pointer(offset: store.offset, row: store.row, isStored: true))
    }
    if !stores.isEmpty { pointers.sort(by: VariableWords.isBefore) }
    (self.values, self.pointers) = (values, pointers)
  }

  private static func isBefore(_ a: Pointer, _ b: Pointer) -> Bool {
    (a.offset, a.isStored ? 1 : 0, a.row) < (b.offset, b.isStored ? 1 : 0, b.row)
  }

  private init(size: Int, values: [UInt64], pointers: [Pointer]) {
    (self.size, self.values, self.pointers) = (size, values, pointers)
  }

  /// The word at an offset; 0 beyond the end.
  func value(at offset: Int) -> UInt64 { offset / 8 < values.count ? values[offset / 8] : 0 }

  /// What is left behind the first `count` bytes.
  func dropping(_ count: Int) -> VariableWords {
    let rest = pointers.filter { $0.offset >= count }.map {
      Pointer(offset: $0.offset - count, row: $0.row, isStored: $0.isStored)
    }
    return VariableWords(
      size: size - count, values: Array(values.dropFirst(count / 8)), pointers: rest)
  }

  /// Whether a word can be a kernel address: those begin with 17 ones on x86-64, 16 on arm64.
  static func isAddress(_ word: UInt64) -> Bool { word >> 47 == 0x1ffff }

  /// Whether a word can be a pointer to data: an address, or an offset into each processor's own
  /// data (`proto.per_cpu_fw_alloc`).
  static func isPointer(_ word: UInt64) -> Bool { isAddress(word) || word < 1 << 24 }
}

private func == (a: VariableWords.Pointer, b: (offset: Int, row: Int)) -> Bool {
  a.offset == b.offset && a.row == b.row
}
