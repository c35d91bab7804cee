internal import CZlib
import Glibc
public import SystemPackage

/// A kernel's `/proc/kallsyms`, plain or gzip-packed.
///
/// One line a symbol: `ffffffff81443df0 T tcp_recvmsg`, for modules with a tab and `[name]` behind.
public struct Kallsyms: Sendable {
  /// The symbols; data too, as perf has them, so that an address in data isn't taken for code.
  public let symbols: SymbolTable
  /// Lines that are no symbols.
  public let malformedLines: Int
  /// What the symbols' brackets say: loaded modules, and what the kernel makes up beside them
  /// (`bpf`, `__builtin__ftrace`); sorted.
  public let modules: [String]

  /// Largest size read, plain: a file that unpacks to more is refused.
  package static let largest = 512 << 20

  /// Which lines count.
  package enum Kinds: Sendable {
    /// Those that perf shows: no read-only data.
    case shown
    /// All.
    case all
  }

  /// Reads a file.
  ///
  /// - Throws: ``SymbolError`` where it can't be read, has no symbols, or (read without privileges)
  ///   nothing but zero addresses.
  public init(path: FilePath) throws(SymbolError) { self = try Kallsyms(path: path, .shown) }

  package init(path: FilePath, _ kinds: Kinds) throws(SymbolError) {
    self = try Kallsyms(text: try readPacked(path, largest: Kallsyms.largest), path: path, kinds)
  }

  package init(
    text: [UInt8], path: FilePath, _ kinds: Kinds = .shown
  ) throws(SymbolError) {
    var parser = KallsymsParser(kinds: kinds)
    parser.parse(text.span)
    guard !parser.entries.isEmpty else {
      throw SymbolError("\(path): no kallsyms symbols in it")
    }
    guard parser.entries.contains(where: { $0.start != 0 }) else {
      throw SymbolError(
        "\(path): all addresses are zero; copy /proc/kallsyms as root, "
          + "with kernel.kptr_restrict at 0 or 1")
    }
    symbols = SymbolTable(parser.entries, names: text)
    malformedLines = parser.malformedLines
    modules = Set(parser.modules.map { String(decoding: text[$0], as: UTF8.self) }).sorted()
  }
}

/// Why symbols can't be had; one line.
public struct SymbolError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line.
  public let description: String

  package init(_ description: String) { self.description = description }
}

private struct KallsymsParser {
  let kinds: Kallsyms.Kinds
  private(set) var entries: [SymbolTable.Entry] = []
  private(set) var malformedLines = 0
  /// Where modules' names stand, one for each stretch of lines of one module.
  private(set) var modules: [Range<Int>] = []

  init(kinds: Kallsyms.Kinds) { self.kinds = kinds }

  mutating func parse(_ text: Span<UInt8>) {
    entries.reserveCapacity(text.count / 40)
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count, text[end] != UInt8(ascii: "\n") { end &+= 1 }  // below the count
      if end > start { line(text, start..<end) }
      start = end + 1
    }
  }

  /// perf shows the last of several names of an address: they all have the same rank.
  private mutating func line(_ text: Span<UInt8>, _ range: Range<Int>) {
    var at = range.lowerBound
    var address: UInt64 = 0
    while at < range.upperBound, let digit = hexDigit(text[at]), at - range.lowerBound < 16 {
      address = address << 4 | digit
      at += 1
    }
    guard at > range.lowerBound, range.upperBound - at > 3, text[at] == UInt8(ascii: " "),
      text[at + 2] == UInt8(ascii: " ")
    else {
      malformedLines += 1
      return
    }
    guard kinds == .all || isShown(type: text[at + 1]) else { return }
    let name = at + 3
    var end = name
    while end < range.upperBound, text[end] > UInt8(ascii: " ") { end &+= 1 }  // as above
    entries.append(
      SymbolTable.Entry(start: address, size: 0, name: UInt32(name)..<UInt32(end)))
    if end < range.upperBound { module(text, end..<range.upperBound) }
  }

  /// Behind a module's symbol stands a tab and `[name]`.
  private mutating func module(_ text: Span<UInt8>, _ range: Range<Int>) {
    guard range.count > 3, text[range.lowerBound + 1] == UInt8(ascii: "["),
      text[range.upperBound - 1] == UInt8(ascii: "]")
    else { return }
    let name = range.lowerBound + 2..<range.upperBound - 1
    if let last = modules.last, last.count == name.count,
      zip(last, name).allSatisfy({ text[$0] == text[$1] })
    {
      return
    }
    modules.append(name)
  }

  /// perf's filter: text, weak, data and bss; in either case of the letter.
  private func isShown(type: UInt8) -> Bool {
    switch type | 0x20 {
    case UInt8(ascii: "t"), UInt8(ascii: "w"), UInt8(ascii: "d"), UInt8(ascii: "b"): true
    default: false
    }
  }

  private func hexDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

/// The contents of a file that may be gzip-packed; zlib passes plain text through.
///
/// - Throws: ``SymbolError`` with the operating system's or zlib's word, or for more than
///   `largest` bytes.
package func readPacked(_ path: FilePath, largest: Int) throws(SymbolError) -> [UInt8] {
  try refuseIrregular(path)  // a FIFO that nobody writes to would hang
  guard let file = gzopen(path.string, "rb") else {
    throw SymbolError("\(path): \(Errno(rawValue: errno))")
  }
  defer { gzclose_r(file) }
  var status = stat()
  var out: [UInt8] = []
  // A packed one grows beyond that; the size is the file's own, so it is no bound to trust.
  if stat(path.string, &status) == 0 { out.reserveCapacity(min(Int(status.st_size), largest)) }
  var chunk = [UInt8](repeating: 0, count: 1 << 18)
  while true {
    let count = gzread(file, &chunk, UInt32(chunk.count))
    var code: Int32 = 0
    let message = gzerror(file, &code)
    // An archive that was cut short reads like one that ends, but for the code.
    guard count >= 0, count > 0 || code >= Z_OK else {
      throw SymbolError("\(path): \(message.map { String(cString: $0) } ?? "zlib error \(code)")")
    }
    if count == 0 { return out }
    out.append(contentsOf: chunk[..<Int(count)])
    guard out.count <= largest else {
      throw SymbolError("\(path): unpacks to more than \(largest >> 20) MiB")
    }
  }
}
