import Profiler

/// The C and C++ files below a folder the user named: what an application diff may touch.
///
/// Only the names are kept; a file is read when asked for. Nothing outside the folder is ever
/// opened: symbolic links are not followed, and each read walks down from the folder again.
public struct SourceTree: Sendable {
  /// Files above this size are generated tables, not sources somebody wrote.
  public static let maximumFileSize = 8 << 20
  /// Endings of the files that count as sources.
  public static let endings = [".c", ".h", ".cc", ".cpp", ".cxx", ".hpp"]

  /// An entry that was left out, and why.
  public struct Skipped: Hashable, Sendable {
    /// Path below the root.
    public let path: String
    /// One phrase, such as `symbolic link`.
    public let reason: String
  }

  enum Storage: Sendable {
    case folder(String)
    case memory([String: [UInt8]])
  }

  /// Paths of all sources below the root, `/` as separator, sorted by their bytes.
  public let paths: [String]
  /// Sources and folders that were left out, sorted by path.
  public let skipped: [Skipped]
  let storage: Storage

  init(paths: [String], skipped: [Skipped], storage: Storage) {
    self.paths = paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    self.skipped = skipped.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    self.storage = storage
  }

  /// A tree that stands in memory: path to contents.
  public init(files: [String: [UInt8]]) {
    self.init(paths: Array(files.keys), skipped: [], storage: .memory(files))
  }

  /// Lists the sources below a folder.
  ///
  /// Skipped are symbolic links, what is too big, names that aren't UTF-8, hidden folders (`.git`;
  /// quilt keeps old copies of sources in `.pc`) and `CMakeFiles`.
  public init(folder: String) throws(SourceTreeError) {
    var listing = try FolderListing(folder)
    try listing.run()
    self.init(paths: listing.paths, skipped: listing.skipped, storage: .folder(folder))
  }

  /// The bytes of one of `paths`.
  public func bytes(of path: String) throws(SourceTreeError) -> [UInt8] {
    switch storage {
    case .folder(let root): try FolderReader.read(path, below: root)
    case .memory(let files):
      if let bytes = files[path] { bytes } else { throw SourceTreeError(path, "not in the tree") }
    }
  }
}

/// A source tree, or a file of it, can't be read.
public struct SourceTreeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The folder, or the path of the file below it.
  public let path: String
  /// What went wrong, as one phrase.
  public let reason: String

  init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  /// `path: reason`.
  public var description: String { "\(printable(path)): \(reason)" }
}
