import Foundation
import Testing

/// A program's end: its status and all it wrote.
struct ToolResult {
  let status: Int32
  let output: String
}

/// Runs programs that the tests of generated C need.
enum StubTools {
  /// The folder with Package.swift.
  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Folder of Tests/Fixtures.
  static let fixtures = repository.appendingPathComponent("Tests/Fixtures")

  /// Runs a program found in PATH and waits; stdout and stderr together.
  @discardableResult
  static func run(_ arguments: [String], in folder: URL? = nil) throws -> ToolResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return ToolResult(
      status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
  }

  /// Whether a program is in PATH.
  static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  /// Gives `body` a new folder and removes it afterwards.
  @discardableResult
  static func withFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ukl-stub-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// The newest headers of a Debian kernel series, such as `6.1`.
  static func headers(of series: String) -> URL? {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/src")) ?? []
    return folders.filter {
      $0.hasPrefix("linux-headers-\(series).") && $0.hasSuffix("-amd64")
        && !$0.contains("cloud") && !$0.contains("rt")
    }.max { $0.compare($1, options: .numeric) == .orderedAscending }
      .map { URL(fileURLWithPath: "/usr/src/\($0)") }
  }

  /// Debian's archive of the kernel's sources.
  static let kernelSource = "/usr/src/linux-source-6.1.tar.xz"

  /// Whether that archive is installed.
  static let hasKernelSource = FileManager.default.fileExists(atPath: kernelSource)

  /// What the tests need of it: unpacked once, as that takes seconds, and kept for other runs in the
  /// build folder, which belongs to whoever runs them.
  static let kernelTree = Result<URL, any Error> {
    let archive = try FileManager.default.attributesOfItem(atPath: kernelSource)
    let tree = repository.appendingPathComponent(
      ".build/ukl-stub-linux-source-6.1-\(archive[.size] ?? 0)")
    if FileManager.default.fileExists(atPath: tree.path) { return tree }
    return try withFolder { folder in
      let members = [
        "net/ipv4/Makefile", "net/ipv4/Kconfig", "include/linux", "include/net", "include/trace",
        "scripts/checkpatch.pl", "scripts/spelling.txt", "scripts/const_structs.checkpatch",
      ].map { "linux-source-6.1/\($0)" }
      let result = try run(["tar", "-C", folder.path, "-xf", kernelSource] + members)
      try #require(result.status == 0, "\(result.output)")
      try FileManager.default.moveItem(
        at: folder.appendingPathComponent("linux-source-6.1"), to: tree)
      return tree
    }
  }
}
