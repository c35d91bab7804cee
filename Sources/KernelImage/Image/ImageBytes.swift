internal import Profiler

/// The bytes of an ELF file: mapped from disk, or unpacked into memory.
struct ImageBytes {
  private let mapped: Mapping?
  private let unpacked: [UInt8]

  private final class Mapping {
    let file: MappedFile
    init(_ file: consuming MappedFile) { self.file = file }
    func lend<R, E>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
      try Mapping.lend(file, body)
    }
    private static func lend<R, E>(
      _ file: borrowing MappedFile, _ body: (RawSpan) throws(E) -> R
    ) throws(E) -> R {
      try body(file.bytes)
    }
  }

  init(mapped file: consuming MappedFile) {
    mapped = Mapping(file)
    unpacked = []
  }

  init(unpacked: [UInt8]) {
    mapped = nil
    self.unpacked = unpacked
  }

  /// Lends the bytes.
  func withBytes<R, E>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
    if let mapped { return try mapped.lend(body) }
    let bytes = unpacked
    return try body(bytes.span.bytes)
  }
}
