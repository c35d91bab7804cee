import Glibc

/// One descriptor, closed with its owner.
struct Descriptor: ~Copyable {
  let raw: Int32

  init(root: String) throws(SourceTreeError) {
    raw = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if raw < 0 { throw SourceTreeError(root, Descriptor.lastError) }
  }

  /// Opens an entry of a folder; a symbolic link is an error.
  init(_ name: String, in folder: borrowing Descriptor, flags: Int32, path: String)
    throws(SourceTreeError)
  {
    raw = openat(folder.raw, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags)
    if raw < 0 { throw SourceTreeError(path, Descriptor.lastError) }
  }

  static var lastError: String { String(cString: strerror(errno)) }

  deinit { close(raw) }
}

/// Reads files below a root without leaving it.
enum FolderReader {
  static func read(_ path: String, below root: String) throws(SourceTreeError) -> [UInt8] {
    let parts = path.split(separator: "/").map(String.init)
    guard let last = parts.last, !parts.contains("..") else {
      throw SourceTreeError(path, "not a path below the source folder")
    }
    var folder = try Descriptor(root: root)
    for part in parts.dropLast() {
      folder = try Descriptor(part, in: folder, flags: O_DIRECTORY, path: path)
    }
    return try contents(of: Descriptor(last, in: folder, flags: 0, path: path), path: path)
  }

  private static func contents(
    of file: borrowing Descriptor, path: String
  ) throws(SourceTreeError) -> [UInt8] {
    var status = stat()
    guard fstat(file.raw, &status) == 0 else { throw SourceTreeError(path, Descriptor.lastError) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SourceTreeError(path, "not a regular file")
    }
    guard status.st_size <= SourceTree.maximumFileSize else {
      throw SourceTreeError(path, "too big for a source file")
    }
    let descriptor = file.raw
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
      // SAFETY: read is given the rest of the buffer's own capacity, and count what it filled.
      while count < buffer.count {
        let length = Glibc.read(
          descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
        if length == 0 { break }
        if length < 0, errno == EINTR { continue }
        failed = length < 0
        if failed { break }
        count += length
      }
    }
    if failed { throw SourceTreeError(path, Descriptor.lastError) }
    return bytes
  }
}

/// Walks a folder; no recursion, so depth costs memory only.
struct FolderListing {
  /// A tree with more entries than this is not the source of one application.
  private static let maximumEntries = 2_000_000

  let root: String
  var paths: [String] = []
  var skipped: [SourceTree.Skipped] = []
  private var pending = [""]
  private var entries = 0

  init(_ root: String) throws(SourceTreeError) {
    self.root = root
  }

  mutating func run() throws(SourceTreeError) {
    while let folder = pending.popLast() {
      do {
        try list(folder)
      } catch  where !folder.isEmpty {
        skip(folder, error.reason)
      }
    }
  }

  private mutating func list(_ folder: String) throws(SourceTreeError) {
    var descriptor = try Descriptor(root: root)
    for part in folder.split(separator: "/") {
      descriptor = try Descriptor(String(part), in: descriptor, flags: O_DIRECTORY, path: folder)
    }
    let copy = fcntl(descriptor.raw, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else {
      throw SourceTreeError(folder, Descriptor.lastError)
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      guard let name = Self.name(of: entry) else {
        skip(folder, "holds a name that is not UTF-8")
        continue
      }
      entries += 1
      if entries > Self.maximumEntries { throw SourceTreeError(root, "more than 2000000 entries") }
      if name != ".", name != ".." { add(name, in: folder, descriptor) }
    }
  }

  /// SAFETY: d_name is a NUL-terminated array inside the entry, which lives until the next readdir.
  private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
    withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
    }
  }

  private mutating func add(_ name: String, in folder: String, _ descriptor: borrowing Descriptor) {
    let path = folder.isEmpty ? name : folder + "/" + name
    let isSource = SourceTree.endings.contains { name.hasSuffix($0) }
    var status = stat()
    guard fstatat(descriptor.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      return skip(path, Descriptor.lastError)
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      if !name.hasPrefix("."), name != "CMakeFiles" { pending.append(path) }
    case S_IFREG where isSource:
      if status.st_size <= SourceTree.maximumFileSize {
        paths.append(path)
      } else {
        skip(path, "too big for a source file")
      }
    case S_IFLNK where isSource: skip(path, "symbolic link")
    default: break
    }
  }

  private mutating func skip(_ path: String, _ reason: String) {
    skipped.append(SourceTree.Skipped(path: path, reason: reason))
  }
}
