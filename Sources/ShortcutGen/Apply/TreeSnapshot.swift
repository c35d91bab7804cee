import Foundation

/// What a change touches, as it was before, to put it back if writing fails half way.
struct TreeSnapshot {
  private struct Entry {
    let url: URL
    /// Contents and permissions; nil where the file isn't there.
    let before: (data: Data, permissions: Any?)?
    /// Folders above it that aren't there, the deepest first.
    let missingFolders: [URL]
  }

  private let entries: [Entry]

  /// Reads what the change touches.
  init(_ change: TreeChange) throws(ApplyError) {
    let root = URL(filePath: change.folder)
    var entries: [Entry] = []
    for path in change.paths {
      do {
        entries.append(try Self.entry(path, below: root))
      } catch {
        throw .unreadable(path: "\(change.tree)/\(path)", reason: "can't be read: \(error)")
      }
    }
    self.entries = entries
  }

  private static func entry(_ path: String, below root: URL) throws -> Entry {
    let files = FileManager.default
    let url = root.appending(path: path)
    guard files.fileExists(atPath: url.path) else {
      return Entry(url: url, before: nil, missingFolders: missingFolders(above: url, root))
    }
    let permissions = try files.attributesOfItem(atPath: url.path)[.posixPermissions]
    return Entry(
      url: url, before: (try Data(contentsOf: url), permissions), missingFolders: [])
  }

  private static func missingFolders(above url: URL, _ root: URL) -> [URL] {
    var missing: [URL] = []
    var folder = url.deletingLastPathComponent()
    while folder.path.count > root.path.count,
      !FileManager.default.fileExists(atPath: folder.path)
    {
      missing.append(folder)
      folder = folder.deletingLastPathComponent()
    }
    return missing
  }

  /// Puts everything back.
  func restore() throws {
    let files = FileManager.default
    for entry in entries {
      if let before = entry.before {
        if (try? Data(contentsOf: entry.url)) == before.data { continue }
        try before.data.write(to: entry.url)
        if let permissions = before.permissions {
          try files.setAttributes([.posixPermissions: permissions], ofItemAtPath: entry.url.path)
        }
      } else if files.fileExists(atPath: entry.url.path) {
        try files.removeItem(at: entry.url)
      }
    }
    for folder in entries.flatMap(\.missingFolders).sorted(by: { $0.path.count > $1.path.count })
    where (try? files.contentsOfDirectory(atPath: folder.path))?.isEmpty == true {
      try files.removeItem(at: folder)
    }
  }
}
