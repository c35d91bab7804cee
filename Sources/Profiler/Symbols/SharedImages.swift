import Synchronization
import SystemPackage

/// One source of images for several threads.
final class SharedImages: Sendable {
  private let source: Mutex<any ImageSource & Sendable>

  init(_ source: some ImageSource & Sendable) { self.source = Mutex(source) }

  /// - Parameter name: the file's, where `path` is not all of it.
  func image(path: String, name: FilePath? = nil, buildID: BuildID?) -> ElfImage? {
    source.withLock { source in
      guard let name else { return source.image(path: path, buildID: buildID) }
      return source.image(path: path, name: name, buildID: buildID)
    }
  }

  func module(path: String, buildID: BuildID?, release: String?) -> ElfImage? {
    source.withLock { $0.module(path: path, buildID: buildID, release: release) }
  }

  func perfMap(_ path: String) -> ElfImage? { source.withLock { $0.perfMap(path) } }

  var warnings: [String] { source.withLock { $0.warnings } }
}
