public import Foundation

/// Where the tests find what they need.
public enum Place {
  /// The folder with Package.swift.
  public static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Tests/Fixtures.
  public static let fixtures = repository.appendingPathComponent("Tests/Fixtures")

  /// A bundled recording's folder.
  public static func recording(_ name: String) -> URL {
    fixtures.appendingPathComponent("recordings/\(name)")
  }

  /// The project's shared folder, which is no part of the repository: where
  /// `UKL_SHORTCUT_SHARED` says, else beside the checkout.
  public static let shared: URL? = {
    let named = ProcessInfo.processInfo.environment["UKL_SHORTCUT_SHARED"]
    let place =
      named.map { URL(fileURLWithPath: $0) }
      ?? repository.deletingLastPathComponent().appendingPathComponent("shared")
    return FileManager.default.fileExists(atPath: place.path) ? place : nil
  }()

  /// The built program: beside the test bundle that runs.
  public static let program: URL? = {
    let here = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let folders = [
      here.deletingLastPathComponent(), repository.appendingPathComponent(".build/debug"),
    ]
    return folders.map { $0.appendingPathComponent("ukl-shortcut") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  /// A program in PATH.
  public static func tool(_ name: String) -> URL? {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    return folders.split(separator: ":").map { URL(fileURLWithPath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}

/// Gives `body` a new folder and removes it afterwards.
public func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("ukl-shortcut-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// Says on stderr why a test did not do its work; for tools and files that not everybody has.
public func skipped(_ reason: String, _ test: String = #function) {
  FileHandle.standardError.write(Data("skipped: \(test): \(reason)\n".utf8))
}
