import Synchronization

/// One source of images for several threads.
final class SharedImages: Sendable {
  private let source: Mutex<any ImageSource & Sendable>

  init(_ source: some ImageSource & Sendable) { self.source = Mutex(source) }

  func image(of file: RecordedFile) -> ElfImage? { source.withLock { $0.image(of: file) } }

  func module(_ file: RecordedFile, release: String?) -> ElfImage? {
    source.withLock { $0.module(file, release: release) }
  }

  func perfMap(_ path: String) -> ElfImage? { source.withLock { $0.perfMap(path) } }

  var warnings: [String] { source.withLock { $0.warnings } }
}
