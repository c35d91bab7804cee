import Foundation
import ShortcutGen

/// A folder of its own for one test, removed with it.
final class ScratchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "appdiff-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// A copy of `Tests/Fixtures/sources/NAME`.
  convenience init(copyOf name: String) throws {
    try self.init()
    for file in try FileManager.default.contentsOfDirectory(atPath: fixture(name).path) {
      try FileManager.default.copyItem(
        at: fixture(name).appendingPathComponent(file), to: url.appendingPathComponent(file))
    }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: url.appendingPathComponent(name)))
  }

  /// Runs a program in the folder; its output and exit code.
  func run(_ arguments: String...) throws -> (code: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = url
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}

func fixture(_ name: String) -> URL {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/sources/\(name)")
}

extension CallSite {
  static func read(
    in function: String, file: String? = nil, line: Int? = nil, column: Int? = nil
  ) -> CallSite {
    CallSite(
      function: function, callees: ["read"], replacement: "ukl_shortcut_tcp_read", arity: 3,
      file: file, line: line, column: column)
  }

  static func write(in function: String, replacement: String = "ukl_shortcut_tcp_write") -> CallSite
  {
    CallSite(function: function, callees: ["write"], replacement: replacement, arity: 3)
  }
}

/// A tree of texts, and the change of it.
func change(_ files: [String: String], _ sites: CallSite...) -> ApplicationDiff {
  ApplicationDiff(sites: sites, in: SourceTree(files: files.mapValues { Array($0.utf8) }))
}

extension ApplicationDiff {
  /// The text of the only changed file; nil where nothing changes.
  var onlyNewText: String? {
    diffs.count == 1 ? diffs.first.map { String(decoding: $0.new, as: UTF8.self) } : nil
  }

  /// `patched FILE:LINE`, `there FILE:LINE` or the reason, per site.
  var outcomes: [String] {
    answers.map {
      switch $0.outcome {
      case .patched(let place): "patched \(place)"
      case .alreadyThere(let place): "there \(place)"
      case .refused(let reason): reason
      }
    }
  }
}
