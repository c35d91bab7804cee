/// The words of one variable of the image, at most as far as the next symbol.
struct VariableWords {
  /// Bytes from the variable's start to the end of what may be its own.
  let size: Int
  private let values: [UInt64]
  /// The words that are the first address of a function, a row of the symbols, by offset.
  let functions: [(offset: Int, row: Int)]

  /// Longest variable looked at.
  static let largest = 64 << 10

  init(_ bytes: RawSpan, _ types: FunctionTypes) {
    size = bytes.byteCount
    var values: [UInt64] = []
    var functions: [(offset: Int, row: Int)] = []
    values.reserveCapacity(size / 8)
    for offset in stride(from: 0, to: size - 7, by: 8) {
      let value = bytes.integer(UInt64.self, at: offset) ?? 0
      values.append(value)
      if types.mayBeCode(value), let row = types.function(at: value) {
        functions.append((offset, row))
      }
    }
    (self.values, self.functions) = (values, functions)
  }

  private init(size: Int, values: [UInt64], functions: [(offset: Int, row: Int)]) {
    (self.size, self.values, self.functions) = (size, values, functions)
  }

  /// The word at an offset; 0 beyond the end.
  func value(at offset: Int) -> UInt64 { offset / 8 < values.count ? values[offset / 8] : 0 }

  /// The function that the word at an offset leads to.
  func function(at offset: Int) -> Int? { functions.first { $0.offset == offset }?.row }

  /// What is left behind the first `count` bytes.
  func dropping(_ count: Int) -> VariableWords {
    VariableWords(
      size: size - count, values: Array(values.dropFirst(count / 8)),
      functions: functions.filter { $0.offset >= count }.map { ($0.offset - count, $0.row) })
  }

  /// Whether a word can be a kernel address: those begin with 17 ones on x86-64, 16 on arm64.
  static func isAddress(_ word: UInt64) -> Bool { word >> 47 == 0x1ffff }

  /// Whether a word can be a pointer to data: an address, or an offset into each processor's own
  /// data (`proto.per_cpu_fw_alloc`).
  static func isPointer(_ word: UInt64) -> Bool { isAddress(word) || word < 1 << 24 }
}
