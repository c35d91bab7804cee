public import Profiler

extension BTF {
  /// Largest BTF read; a distribution's is 10 MiB.
  static let largest = 256 << 20

  /// Reads BTF as it stands in a `.BTF` section or in `/sys/kernel/btf`.
  ///
  /// - Parameter base: the kernel's types, for a module's.
  /// - Throws: ``SymbolError`` without the file's name for what is no BTF or is cut short.
  public init(_ bytes: RawSpan, base: BTF? = nil) throws(SymbolError) {
    if let base { self = base }
    let header = try BTFHeader(bytes)
    guard let types = bytes.slice(header.types.lowerBound, header.types.count),
      let texts = bytes.slice(header.strings.lowerBound, header.strings.count)
    else {
      throw SymbolError("BTF: its sections lie outside its \(bytes.byteCount) bytes")
    }
    wordBase = words.count
    appendWords(types)
    strings.append(contentsOf: texts.copied())
    if kinds.isEmpty { append(.void, count: 0, flag: false, value: 0, name: 0, tail: 0) }
    try appendTypes(until: words.count)
  }

  private mutating func appendWords(_ types: RawSpan) {
    let count = types.byteCount / 4
    words.reserveCapacity(words.count + count)
    for index in 0..<count { words.append(types.integer(UInt32.self, at: index * 4) ?? 0) }
  }

  private mutating func appendTypes(until end: Int) throws(SymbolError) {
    var at = wordBase
    while at < end {
      guard end - at >= 3 else { throw BTF.truncated(at - wordBase) }
      let (name, info, value) = (words[at], words[at + 1], words[at + 2])
      let number = UInt8(truncatingIfNeeded: info >> 24) & 0x1f
      guard let kind = BTFKind(rawValue: number), kind != .void else {
        throw SymbolError(
          "BTF: type \(count) is of kind \(number), which is not known (newer than this program?)")
      }
      let members = Int(info & 0xffff)
      let tail = kind.tailSize(count: members) / 4
      guard end - at - 3 >= tail else { throw BTF.truncated(at - wordBase) }
      append(
        kind, count: UInt16(members), flag: info >> 31 == 1, value: value, name: name, tail: at + 3)
      at += 3 + tail
    }
  }

  private mutating func append(
    _ kind: BTFKind, count: Int, flag: Bool, value: UInt32, name: UInt32, tail: Int
  ) {
    append(kind, count: UInt16(clamping: count), flag: flag, value: value, name: name, tail: tail)
  }

  private mutating func append(
    _ kind: BTFKind, count: UInt16, flag: Bool, value: UInt32, name: UInt32, tail: Int
  ) {
    kinds.append(kind)
    counts.append(count)
    flags.append(flag)
    values.append(value)
    names.append(name)
    tails.append(UInt32(truncatingIfNeeded: tail))
  }

  private static func truncated(_ word: Int) -> SymbolError {
    SymbolError("BTF: its types end inside the one at 0x\(String(word * 4, radix: 16))")
  }
}

/// BTF's header:
///
///     u16 magic 0xeb9f │ u8 version 1 │ u8 flags │ u32 hdr_len
///     u32 type_off │ u32 type_len │ u32 str_off │ u32 str_len      offsets from the header's end
private struct BTFHeader {
  let types: Range<Int>
  let strings: Range<Int>

  init(_ bytes: RawSpan) throws(SymbolError) {
    guard bytes.integer(UInt16.self, at: 0) == 0xeb9f, bytes.integer(UInt8.self, at: 2) == 1 else {
      throw SymbolError("BTF: no little-endian BTF of version 1")
    }
    guard bytes.byteCount <= BTF.largest else {
      throw SymbolError("BTF: more than \(BTF.largest >> 20) MiB")
    }
    func word(_ offset: Int) -> Int { Int(bytes.integer(UInt32.self, at: offset) ?? 0) }
    let length = word(4)
    guard length >= 24, length <= bytes.byteCount else {
      throw SymbolError("BTF: a header of \(length) bytes in \(bytes.byteCount)")
    }
    types = length + word(8)..<length + word(8) + word(12)
    strings = length + word(16)..<length + word(16) + word(20)
  }
}
