import Glibc
import ShortcutGen
import SystemPackage

/// The folder a command writes its files into.
struct OutputFolder {
  private let root: FilePath

  init(_ path: String) { root = FilePath(path) }

  /// Writes the files, making folders as needed; what a former run wrote and this one doesn't is
  /// left alone.
  func write(_ files: [GeneratedFile]) throws {
    for file in files {
      let path = root.appending(file.path)
      try makeFolder(path.removingLastComponent())
      try writeOutput(file.bytes, to: path.string)
    }
  }

  private func makeFolder(_ path: FilePath) throws {
    if path.isEmpty { return }
    if mkdir(path.string, 0o777) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw InputError("\(path): \(Errno(rawValue: errno))") }
    try makeFolder(path.removingLastComponent())
    guard mkdir(path.string, 0o777) == 0 || errno == EEXIST else {
      throw InputError("\(path): \(Errno(rawValue: errno))")
    }
  }
}
