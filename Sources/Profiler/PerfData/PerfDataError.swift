/// Why a recording, or a part of it, can't be used: what, where, found and needed.
public struct PerfDataError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: Sendable, Equatable {
    /// The first eight bytes are not perf's.
    case notPerfData(magic: UInt64)
    /// A field needs more bytes than its structure has left.
    case truncated(need: Int, have: Int)
    /// A section lies outside the file.
    case outside(offset: UInt64, size: UInt64, fileSize: Int)
    /// A record's size can't be: smaller than its header or than its fields.
    case badRecordSize(UInt16)
    /// What stands where a record should begin can't be one; records go on `skipped` bytes later.
    case unframed(type: UInt32, size: UInt16, skipped: Int)
    /// A value that no perf writes.
    case badValue(String)
    /// Something perf can write and this program can't read.
    case unsupported(String)
    /// The operating system's word.
    case io(String)
    /// zstd's word about compressed records.
    case compression(String)
  }

  /// What is wrong.
  public let kind: Kind
  /// Byte offset in the file.
  public let fileOffset: UInt64
  /// The structure that was being read.
  public let structure: String

  /// Describes an error.
  public init(_ kind: Kind, at fileOffset: UInt64, in structure: String) {
    self.kind = kind
    self.fileOffset = fileOffset
    self.structure = structure
  }

  /// One line without the file's name.
  public var description: String {
    let place = "\(structure) at 0x\(String(fileOffset, radix: 16))"
    switch kind {
    case .notPerfData(let magic):
      return "not a perf.data file: it begins with 0x\(String(magic, radix: 16)), "
        + "needed PERFILE2 (record with 'perf record -g -o FILE')"
    case .truncated(let need, let have):
      return "\(place) needs \(need) bytes but \(have) remain"
    case .outside(let offset, let size, let fileSize):
      return "\(place) points to \(size) bytes at 0x\(String(offset, radix: 16)), "
        + "outside the file's \(fileSize) bytes"
    case .badRecordSize(let size): return "\(place) has the impossible size \(size)"
    case .unframed(let type, let size, let skipped):
      return "\(place) can't be one (type \(type), size \(size)): \(skipped) bytes are skipped"
    case .badValue(let text): return "\(place): \(text)"
    case .unsupported(let text): return "\(text) can't be read (\(place))"
    case .io(let text): return text
    case .compression(let text): return "\(place): zstd says: \(text)"
    }
  }
}
