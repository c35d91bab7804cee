import Glibc
internal import Profiler
public import SystemPackage

/// Keeps the operations tables of kernels between runs, below the user's cache folder:
///
///     image-1/<fingerprint of the file>             the build-id of the kernel in it
///     tables-3/<build-id>-<fingerprint of symbols>  checksum, then ``TableText``
///     tables-3/<build-id>-<fingerprint of module>   the same of a module of that kernel
///
/// The numbers are the versions of the formats and of what finds the tables. A file counts only if it
/// is the user's own, nobody else can write it, and its checksum and every line are right;
/// anything else is as if it weren't there. Files are written under another name and renamed.
public struct TableCache: Sendable {
  private let folder: FilePath

  /// Largest file read.
  private static let largest = 64 << 20

  /// A cache in a folder, which need not be there yet.
  public init(folder: FilePath) { self.folder = folder }

  /// The user's: `XDG_CACHE_HOME`, else `~/.cache`; nil where neither is an absolute path.
  public static var ofUser: TableCache? {
    func folder(_ variable: String) -> FilePath? {
      let path = getenv(variable).map { FilePath(String(cString: $0)) }
      return path.flatMap { $0.isAbsolute ? $0 : nil }
    }
    guard let base = folder("XDG_CACHE_HOME") ?? folder("HOME")?.appending(".cache") else {
      return nil
    }
    return TableCache(folder: base.appending("ukl-shortcut"))
  }

  /// The build-id of the kernel in a file seen before.
  func buildID(ofFile file: Fingerprint) -> String? {
    guard let text = read("image-1", "\(file)") else { return nil }
    let id = text.prefix { $0.isHexDigit }
    return id.count >= 16 && id.count <= 64 && text.dropFirst(id.count) == "\n" ? String(id) : nil
  }

  /// The tables of a kernel seen before with the same symbols.
  func tables(buildID: String, symbols: Fingerprint) -> [OperationsTable]? {
    guard let text = read("tables-3", "\(buildID)-\(symbols)"),
      let end = text.firstIndex(of: "\n")
    else { return nil }
    let rest = text[text.index(after: end)...]
    guard text[..<end] == TableCache.checksum(String(rest)) else { return nil }
    return TableText.read(rest)
  }

  /// Keeps what was found; where it can't be written, nothing is kept.
  ///
  /// - Parameter file: the kernel's; nil for a module's tables.
  func keep(
    _ tables: [OperationsTable], file: Fingerprint? = nil, buildID: String, symbols: Fingerprint
  ) {
    let text = TableText.write(tables)
    write("\(TableCache.checksum(text))\n\(text)", "tables-3", "\(buildID)-\(symbols)")
    if let file { write("\(buildID)\n", "image-1", "\(file)") }
  }

  private static func checksum(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return Fingerprint(bytes.span.bytes).description
  }

  private func read(_ part: String, _ name: String) -> String? {
    let path = folder.appending(part).appending(name)
    var status = stat()
    guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_uid == geteuid(), status.st_mode & 0o022 == 0, status.st_size <= TableCache.largest,
      let file = try? MappedFile.open(path)
    else { return nil }
    return String(decoding: file.bytes.copied(), as: UTF8.self)
  }

  private func write(_ text: String, _ part: String, _ name: String) {
    let place = folder.appending(part)
    guard TableCache.make(place) else { return }
    let temporary = place.appending("\(name).\(getpid())")
    let written: Void? = try? {
      let file = try FileDescriptor.open(
        temporary, .writeOnly, options: [.create, .exclusiveCreate], permissions: [.ownerReadWrite])
      _ = try file.closeAfter { try file.writeAll(text.utf8) }
    }()
    if written == nil || rename(temporary.string, place.appending(name).string) != 0 {
      unlink(temporary.string)
    }
  }

  /// Makes a folder and those above it, for the user alone.
  private static func make(_ folder: FilePath) -> Bool {
    if mkdir(folder.string, 0o700) == 0 || errno == EEXIST { return true }
    let parent = folder.removingLastComponent()
    guard errno == ENOENT, parent != folder, make(parent) else { return false }
    return mkdir(folder.string, 0o700) == 0 || errno == EEXIST
  }
}
