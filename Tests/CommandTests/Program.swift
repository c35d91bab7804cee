import Foundation
import TestSupport

/// The built program, run as a user runs it.
enum Program {
  /// Runs the program, in `folder` if it is named.
  static func run(_ arguments: [String], in folder: String? = nil) throws -> RunResult {
    guard let program = Place.program else { throw ToolMissing("ukl-shortcut is not built") }
    return try TestSupport.run(program, arguments, in: folder.map { URL(filePath: $0) })
  }

  /// Runs another tool.
  static func run(
    _ tool: String, _ arguments: [String], in folder: String? = nil
  ) throws -> RunResult {
    guard let found = Place.tool(tool) else { throw ToolMissing("\(tool) is not installed") }
    return try TestSupport.run(found, arguments, in: folder.map { URL(filePath: $0) })
  }
}

/// Files of the checkout.
enum Fixture {
  static let root = Place.fixtures.path

  static func recording(_ name: String) -> String {
    Place.recording(name).appending(path: "perf.data").path
  }

  static func source(_ name: String) -> String { "\(root)/sources/\(name)" }
}

/// A folder that is gone when the test ends.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "ukl-shortcut-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  /// Writes a file, and the folders it is in.
  func write(_ name: String, _ text: String) throws {
    let file = URL(filePath: path).appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }
}
