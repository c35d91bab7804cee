/// Cuts kallsyms into symbols.
///
/// A kernel has 100,000 to 300,000 of them, so lines of the usual form, sixteen digits in front, are
/// read eight bytes at a time; every other line is read byte by byte.
struct KallsymsParser {
  let kinds: Kallsyms.Kinds
  private(set) var addresses: [UInt64] = []
  /// Where each symbol's name stands.
  private(set) var names: [Range<UInt32>] = []
  private(set) var malformedLines = 0
  /// The first eight digits read last, and their number: most of a kernel's addresses share them.
  private var high = (digits: UInt64(0x3030_3030_3030_3030), value: UInt64(0))
  /// Where modules' names stand, one for each stretch of lines of one module.
  private(set) var modules: [Range<Int>] = []

  init(kinds: Kallsyms.Kinds) { self.kinds = kinds }

  mutating func parse(_ text: RawSpan) {
    addresses.reserveCapacity(text.byteCount / 40)
    names.reserveCapacity(text.byteCount / 40)
    var start = 0
    while start < text.byteCount {
      start = usualLine(text, at: start) ?? anyLine(text, at: start)
    }
  }

  /// `ffffffff81443df0 T tcp_recvmsg`, with at least eight bytes of text behind every eight read.
  ///
  /// - Returns: where the next line begins; nil if the line isn't of this form.
  @inline(__always)
  private mutating func usualLine(_ text: RawSpan, at start: Int) -> Int? {
    let name = start &+ 19  // all sums here are below the text's length, as the next line says
    guard text.byteCount &- start > 32 else { return nil }
    let head = text.loadPair(at: start)
    // ` T tcp_r`: blanks around the type, none at the name's beginning.
    let middle = UInt64(littleEndian: text.load(UInt64.self, at: start &+ 16, swapped: false))
    guard let high = highValue(head.0), let low = HexDigits.value(head.1),
      middle & 0xff_00ff == 0x20_0020, middle >> 24 & 0xff > 0x20
    else { return nil }
    guard let end = text.firstByte(upTo: UInt8(ascii: " "), from: name) else { return nil }
    var next = end
    if text.byte(at: end) != UInt8(ascii: "\n") {
      guard let newline = text.firstNewline(from: end) else { return nil }
      next = newline
    }
    if kinds == .all || isShown(type: UInt8(truncatingIfNeeded: middle >> 8)) {
      append(high << 32 | low, name..<end)
      if next > end { module(text, end..<next) }
    }
    return next &+ 1
  }

  /// The number of an address' first eight digits.
  @inline(__always)
  private mutating func highValue(_ digits: UInt64) -> UInt64? {
    if digits == high.digits { return high.value }
    guard let value = HexDigits.value(digits) else { return nil }
    high = (digits, value)
    return value
  }

  @inline(__always)
  private mutating func append(_ address: UInt64, _ name: Range<Int>) {
    addresses.append(address)
    names.append(UInt32(name.lowerBound)..<UInt32(name.upperBound))
  }

  /// - Returns: where the next line begins.
  private mutating func anyLine(_ text: RawSpan, at start: Int) -> Int {
    var end = start
    while end < text.byteCount, text.byte(at: end) != UInt8(ascii: "\n") { end += 1 }
    if end > start { line(text, start..<end) }
    return end + 1
  }

  private mutating func line(_ text: RawSpan, _ range: Range<Int>) {
    var at = range.lowerBound
    var address: UInt64 = 0
    while at < range.upperBound, let digit = HexDigits.value(text.byte(at: at)),
      at - range.lowerBound < 16
    {
      address = address << 4 | digit
      at += 1
    }
    guard at > range.lowerBound, range.upperBound - at > 3,
      text.byte(at: at) == UInt8(ascii: " "), text.byte(at: at + 2) == UInt8(ascii: " ")
    else {
      malformedLines += 1
      return
    }
    guard kinds == .all || isShown(type: text.byte(at: at + 1)) else { return }
    var end = at + 3
    while end < range.upperBound, text.byte(at: end) > UInt8(ascii: " ") { end += 1 }
    append(address, at + 3..<end)
    if end < range.upperBound { module(text, end..<range.upperBound) }
  }

  /// Behind a module's symbol stands a tab and `[name]`.
  private mutating func module(_ text: RawSpan, _ range: Range<Int>) {
    guard range.count > 3, text.byte(at: range.lowerBound + 1) == UInt8(ascii: "["),
      text.byte(at: range.upperBound - 1) == UInt8(ascii: "]")
    else { return }
    let name = range.lowerBound + 2..<range.upperBound - 1
    if let last = modules.last, last.count == name.count,
      zip(last, name).allSatisfy({ text.byte(at: $0) == text.byte(at: $1) })
    {
      return
    }
    modules.append(name)
  }

  /// perf's filter: text, weak, data and bss; in either case of the letter.
  @inline(__always)
  private func isShown(type: UInt8) -> Bool {
    switch type | 0x20 {
    case UInt8(ascii: "t"), UInt8(ascii: "w"), UInt8(ascii: "d"), UInt8(ascii: "b"): true
    default: false
    }
  }
}

/// Hexadecimal digits in either case of their letters.
enum HexDigits {
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  static func value(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// The number that eight digits stand for, all of them at once: each byte becomes its digit, then
  /// neighbours are joined to bytes, those to halves, and those to the number.
  ///
  /// - Parameter digits: as they stand in memory.
  @inline(__always)
  static func value(_ digits: UInt64) -> UInt64? {
    let text = UInt64(littleEndian: digits)
    let lower = text | 0x2020_2020_2020_2020
    let isLetter = (lower >> 6) & ones
    // A letter's low four bits are 1 to 6; no sum leaves its byte.
    let nibbles = (lower & 0x0f0f_0f0f_0f0f_0f0f) &+ (isLetter &* 9)
    // What the digits look like in lower case must be what was there; control characters, which the
    // bit of lower case turns into digits, have neither of the bits 5 and 6.
    let isAboveNine = ((nibbles &+ 0x0606_0606_0606_0606) >> 4) & ones
    let looks = nibbles &+ 0x3030_3030_3030_3030 &+ (isAboveNine &* 0x27)
    let isPrinted = ((text >> 5) | (text >> 6)) & ones
    guard looks == lower, isPrinted == ones, nibbles & 0xf0f0_f0f0_f0f0_f0f0 == 0 else {
      return nil
    }
    var value = nibbles
    value = ((value & 0x000f_000f_000f_000f) << 4) | ((value >> 8) & 0x000f_000f_000f_000f)
    value = ((value & 0x0000_00ff_0000_00ff) << 8) | ((value >> 16) & 0x0000_00ff_0000_00ff)
    return ((value & 0xffff) << 16) | (value >> 32)
  }
}

extension RawSpan {
  @inline(__always)
  fileprivate func byte(at offset: Int) -> UInt8 { load(UInt8.self, at: offset, swapped: false) }

  /// Where the first byte stands that is at most `limit`, which is below 128; nil if there is none
  /// eight bytes before the end.
  @inline(__always)
  fileprivate func firstByte(upTo limit: UInt8, from start: Int) -> Int? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var offset = start
    while offset <= byteCount &- 8 {
      let word = UInt64(littleEndian: load(UInt64.self, at: offset, swapped: false))
      // A byte's top bit shows that subtracting the limit borrowed; a borrow can only reach bytes
      // behind the first one, which is the one that counts.
      let found = (word &- (ones &* UInt64(limit &+ 1))) & ~word & 0x8080_8080_8080_8080
      if found != 0 { return offset &+ (found.trailingZeroBitCount >> 3) }
      offset &+= 8  // at most the span's length
    }
    return nil
  }

  fileprivate func firstNewline(from start: Int) -> Int? {
    var offset = start
    while offset < byteCount {
      if byte(at: offset) == UInt8(ascii: "\n") { return offset }
      offset += 1
    }
    return nil
  }
}
