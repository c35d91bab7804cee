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
    if let plain = try mapPlain(path, largest: Kallsyms.largest) {
      self = try Kallsyms(.file(plain), path: path, kinds)
    } else {
      self = try Kallsyms(text: try readPacked(path, largest: Kallsyms.largest), path: path, kinds)
    }
  }

  package init(
    text: [UInt8], path: FilePath, _ kinds: Kinds = .shown
  ) throws(SymbolError) {
    self = try Kallsyms(.own(text), path: path, kinds)
  }

  private init(_ text: NameBytes, path: FilePath, _ kinds: Kinds) throws(SymbolError) {
    var parser = KallsymsParser(kinds: kinds)
    text.withBytes { parser.parse($0) }
    guard !parser.addresses.isEmpty else {
      throw SymbolError("\(path): no kallsyms symbols in it")
    }
    guard parser.addresses.contains(where: { $0 != 0 }) else {
      throw SymbolError(
        "\(path): all addresses are zero; copy /proc/kallsyms as root, "
          + "with kernel.kptr_restrict at 0 or 1")
    }
    // Of several names of an address perf shows the last.
    symbols = SymbolTable(starts: parser.addresses, places: parser.names, names: text)
    malformedLines = parser.malformedLines
    let names = text.withBytes { bytes in
      parser.modules.map { String(utf8: bytes.extracting($0)) }
    }
    modules = Set(names).sorted()
  }
}

/// Why symbols can't be had; one line.
public struct SymbolError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line.
  public let description: String

  package init(_ description: String) { self.description = description }
}

/// The contents of a file that may be gzip-packed; zlib passes plain text through.
///
/// - Throws: ``SymbolError`` with the operating system's or zlib's word, or for more than
///   `largest` bytes.
package func readPacked(_ path: FilePath, largest: Int) throws(SymbolError) -> [UInt8] {
  if let plain = try mapPlain(path, largest: largest) { return plain.bytes.copied() }
  guard let file = gzopen(path.string, "rb") else {
    throw SymbolError("\(path): \(Errno(rawValue: errno))")
  }
  defer { gzclose_r(file) }
  gzbuffer(file, 1 << 17)
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

/// Maps a file that is not gzip-packed.
///
/// - Returns: nil for one that is, that can't be mapped, is larger than `largest` bytes, or says that it
///   has none, as those of `/proc` do.
/// - Throws: ``SymbolError`` for what isn't a regular file: a FIFO that nobody writes to would hang.
private func mapPlain(_ path: FilePath, largest: Int) throws(SymbolError) -> MappedFile? {
  try refuseIrregular(path)
  guard let plain = try? MappedFile.open(path), plain.count > 0, plain.count <= largest,
    Packing(plain.bytes) != .gzip
  else { return nil }
  return plain
}
