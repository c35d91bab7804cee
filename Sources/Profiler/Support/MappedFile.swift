import Glibc
public import SystemPackage

/// A file mapped read-only into memory; unmapped when nobody refers to it any more.
public final class MappedFile: Sendable {
  // SAFETY: the mapping is read-only and never moved.
  private nonisolated(unsafe) let base: UnsafeRawPointer?
  /// Length in bytes.
  public let count: Int

  private init(base: UnsafeRawPointer?, count: Int) {
    self.base = base
    self.count = count
  }

  deinit {
    // SAFETY: `base` came from mmap with this length and no span of it outlives `self`.
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// Maps the whole of a regular file.
  ///
  /// - Throws: the operating system's `Errno`; `.isDirectory`, or `.invalidArgument` for anything
  ///   else that is not a regular file (a device or a FIFO could be read for ever).
  public static func open(_ path: FilePath) throws(Errno) -> MappedFile {
    // O_NONBLOCK: opening a FIFO that nobody writes to must not hang before it is refused.
    let descriptor = Glibc.open(path.string, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Errno(rawValue: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .isDirectory
    default: throw .invalidArgument
    }
    return try map(descriptor, count: Int(status.st_size))
  }

  /// Maps a file as ``open(_:)`` does, and of a FIFO, which a shell's `<(command)` is too, a copy of
  /// what comes out of it.
  public static func openOrRead(_ path: FilePath) throws(Errno) -> MappedFile {
    var status = stat()
    guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
      return try open(path)
    }
    // Opened once and waiting: a writer that saw its reader go would end.
    let descriptor = Glibc.open(path.string, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    return try rest(of: FileDescriptor(rawValue: descriptor))
  }

  /// Maps what is left of a stream: a regular file itself, of anything else a copy in a nameless
  /// file in `TMPDIR`.
  public static func rest(of stream: FileDescriptor) throws(Errno) -> MappedFile {
    var status = stat()
    if fstat(stream.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      lseek(stream.rawValue, 0, SEEK_CUR) == 0
    {
      return try map(stream.rawValue, count: Int(status.st_size))
    }
    var spool = try SpoolFile()
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = try read(stream, into: &chunk)
      if got == 0 { return try spool.map() }
      try spool.write(chunk[..<got])
    }
  }

  private static func read(
    _ stream: FileDescriptor, into chunk: inout [UInt8]
  ) throws(Errno) -> Int {
    do {
      return try chunk.withUnsafeMutableBytes { try stream.read(into: $0) }
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  /// Maps the first `count` bytes of an open file.
  static func map(_ descriptor: CInt, count: Int) throws(Errno) -> MappedFile {
    guard count > 0 else { return MappedFile(base: nil, count: 0) }
    let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else { throw Errno(rawValue: errno) }
    return MappedFile(base: UnsafeRawPointer(address), count: count)
  }

  /// The file's bytes.
  public var bytes: RawSpan {
    @_lifetime(borrow self) get {
      guard let base else { return RawSpan() }
      // SAFETY: the mapping covers `count` bytes and lives as long as `self`.
      let span = RawSpan(_unsafeStart: base, byteCount: count)
      return _overrideLifetime(span, borrowing: self)
    }
  }
}
