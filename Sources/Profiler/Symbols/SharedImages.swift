import Synchronization

/// One source of images for several threads.
final class SharedImages: Sendable {
  private let source: Mutex<any ImageSource & Sendable>

  init(_ source: some ImageSource & Sendable) { self.source = Mutex(source) }

  func image(path: String, buildID: BuildID?) -> ElfImage? {
    source.withLock { $0.image(path: path, buildID: buildID) }
  }

  func module(path: String, buildID: BuildID?, release: String?) -> ElfImage? {
    source.withLock { $0.module(path: path, buildID: buildID, release: release) }
  }

  func perfMap(_ path: String) -> ElfImage? { source.withLock { $0.perfMap(path) } }

  var warnings: [String] { source.withLock { $0.warnings } }
}
