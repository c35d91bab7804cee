import Foundation
import Testing

/// The built program, run as a user runs it.
struct Program {
  /// What a run printed and how it ended.
  struct Result {
    let exitCode: Int32
    let stdout: String
    let stderr: String
  }

  /// Beside the program that runs the tests, where SwiftPM puts both.
  static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "ukl-shortcut").path

  static func run(_ arguments: [String], in folder: String? = nil) throws -> Result {
    try run(path, arguments, in: folder)
  }

  /// Runs any tool; both outputs are read while it runs, so that none of them blocks it.
  static func run(
    _ tool: String, _ arguments: [String], in folder: String? = nil
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let (out, err) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = err
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let errors = Reading(err)
    let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Result(exitCode: process.terminationStatus, stdout: text, stderr: errors.text)
  }
}

/// Reads a pipe to its end on a thread of its own.
private final class Reading: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var data = Data()

  init(_ pipe: Pipe) {
    Thread.detachNewThread {
      self.data = pipe.fileHandleForReading.readDataToEndOfFile()
      self.done.signal()
    }
  }

  var text: String {
    done.wait()
    return String(decoding: data, as: UTF8.self)
  }
}

/// Files of the checkout.
enum Fixture {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures").path

  static func recording(_ name: String) -> String { "\(root)/recordings/\(name)/perf.data" }
  static func source(_ name: String) -> String { "\(root)/sources/\(name)" }
}

/// A folder that is gone when the test ends.
final class TemporaryFolder {
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
}
