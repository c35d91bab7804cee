import Glibc

/// A path of a patch, below the tree it is for.
struct TreePath {
  let path: String
  let root: String

  init(_ path: String, below root: String) {
    self.path = path
    self.root = root
  }

  /// Whether something is there, a link included.
  var exists: Bool { mode(of: "\(root)/\(path)") != nil }

  /// Refuses what leads out of the tree, what goes through a link, and what is no regular file.
  func check() throws(ApplyError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.utf8.contains(0), parts.allSatisfy({ !["", ".", "..", ".git"].contains($0) }) else {
      throw .forbidden(path: path, reason: "not a path below the tree")
    }
    var place = root
    for (number, part) in parts.enumerated() {
      place += "/\(part)"
      guard let mode = mode(of: place) else { return }
      if mode == S_IFLNK {
        throw .forbidden(path: place, reason: "a symbolic link, which may lead out of the tree")
      }
      let isLast = number == parts.count - 1
      if mode != (isLast ? S_IFREG : S_IFDIR) {
        throw .forbidden(path: place, reason: isLast ? "not a regular file" : "not a folder")
      }
    }
  }

  private func mode(of place: String) -> mode_t? {
    var status = stat()
    return lstat(place, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}
