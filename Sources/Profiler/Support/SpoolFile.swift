import Glibc
import SystemPackage

/// A file without a name in `TMPDIR`, gone when the program ends: what is written to it can be
/// mapped and takes no memory that is not being read.
struct SpoolFile: ~Copyable {
  private let descriptor: FileDescriptor
  private var count = 0

  init() throws(Errno) { descriptor = try .nameless() }

  deinit { try? descriptor.close() }

  mutating func write(_ bytes: ArraySlice<UInt8>) throws(Errno) {
    do {
      try descriptor.writeAll(bytes)
    } catch {
      throw error as? Errno ?? .ioError
    }
    count += bytes.count
  }

  /// Maps what was written.
  consuming func map() throws(Errno) -> MappedFile {
    try MappedFile.map(descriptor.rawValue, count: count)
  }
}

extension FileDescriptor {
  /// A new file in `TMPDIR` that no name leads to.
  static func nameless() throws(Errno) -> FileDescriptor {
    try nameless(in: getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
  }

  /// A new file that no name leads to.
  static func nameless(in folder: String) throws(Errno) -> FileDescriptor {
    var name = Array("\(folder)/ukl-shortcut.XXXXXX".utf8CString)
    let number = mkstemp(&name)
    guard number >= 0 else { throw Errno(rawValue: errno) }
    unlink(name)
    return FileDescriptor(rawValue: number)
  }
}
