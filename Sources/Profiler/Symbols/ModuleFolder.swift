import Glibc
package import SystemPackage

/// The kernel modules below one folder `lib/modules/RELEASE`.
package struct ModuleFolder {
  /// A folder with more entries than this is no kernel's.
  private static let maximumEntries = 200_000

  /// Paths below the folder, by the module's name.
  package private(set) var paths: [String: String] = [:]
  private var entries = 0

  /// Walks the folder; what can't be read isn't there. Symbolic links are not followed.
  package init(_ folder: FilePath) {
    var pending = [""]
    while let path = pending.popLast() {
      for (name, isFolder) in list(folder.pushing(FilePath(path)).string) {
        let place = path.isEmpty ? name : "\(path)/\(name)"
        if isFolder {
          pending.append(place)
        } else if let module = ModuleFolder.moduleName(ofFile: name) {
          // The walk has no order of its own: of two the lesser path counts.
          paths[module] = min(paths[module] ?? place, place)
        }
      }
    }
  }

  /// The name `/proc/modules` has for a file `virtio-rng.ko.xz`, or nil for a file that is no
  /// module.
  package static func moduleName(ofFile name: some StringProtocol) -> String? {
    for suffix in [".ko", ".ko.xz", ".ko.zst", ".ko.gz"] where name.hasSuffix(suffix) {
      return moduleName(String(name.dropLast(suffix.count)))
    }
    return nil
  }

  /// The kernel makes no difference between `-` and `_`.
  package static func moduleName(_ name: String) -> String {
    String(name.map { $0 == "-" ? "_" : $0 })
  }

  private mutating func list(_ folder: String) -> [(name: String, isFolder: Bool)] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var found: [(name: String, isFolder: Bool)] = []
    while entries < ModuleFolder.maximumEntries, let entry = readdir(stream) {
      // SAFETY: readdir's entry is valid until the next call, and its name ends in NUL.
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      entries += 1
      switch Int(entry.pointee.d_type) {
      case Int(DT_DIR): found.append((name, true))
      case Int(DT_REG): found.append((name, false))
      default: break
      }
    }
    return found
  }
}
