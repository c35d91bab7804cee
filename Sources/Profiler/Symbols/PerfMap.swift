import Glibc
import SystemPackage

/// The functions that a process made at run time and listed in `/tmp/perf-PID.map`, as JavaScript
/// engines, Java's agents and others do.
///
/// One line a function: `START SIZE NAME`, both numbers hexadecimal. Where a place was used again
/// the later line counts.
///
/// Source: `tools/perf/Documentation/jit-interface.txt`.
struct PerfMap {
  let symbols: SymbolTable
  /// What of the file could not be used.
  let warnings: [String]

  private static let largest = 256 << 20

  /// Reads a file.
  ///
  /// - Parameter mustBeOwn: refuse a file that another user put there, as perf does: anybody may
  ///   write to `/tmp`.
  init(path: FilePath, mustBeOwn: Bool) throws(SymbolError) {
    var status = stat()
    if mustBeOwn, stat(path.string, &status) == 0, status.st_uid != 0, status.st_uid != geteuid() {
      throw SymbolError("\(path): belongs to neither you nor root; not used")
    }
    var parser = PerfMapParser()
    let text = try readPacked(path, largest: PerfMap.largest)
    for line in text.split(separator: UInt8(ascii: "\n")) { parser.line(line) }
    symbols = SymbolTable(parser.entries, names: text)
    warnings =
      parser.malformedLines == 0
      ? [] : ["\(path): \(parser.malformedLines) lines that are no functions were skipped"]
  }
}

private struct PerfMapParser {
  private(set) var entries: [SymbolTable.Entry] = []
  private(set) var malformedLines = 0

  /// - Parameter line: a slice of the whole text.
  mutating func line(_ line: ArraySlice<UInt8>) {
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard fields.count == 3, let start = PerfMapParser.hex(fields[0]),
      let size = PerfMapParser.hex(fields[1]), size > 0
    else {
      malformedLines += 1
      return
    }
    entries.append(
      SymbolTable.Entry(
        start: start, size: size, name: UInt32(fields[2].startIndex)..<UInt32(fields[2].endIndex),
        rank: UInt64(entries.count)))
  }

  private static func hex(_ field: ArraySlice<UInt8>) -> UInt64? {
    let digits = field.starts(with: "0x".utf8) ? field.dropFirst(2) : field
    return UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
