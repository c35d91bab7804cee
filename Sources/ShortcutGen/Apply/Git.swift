import Foundation

/// `git apply`, run outside of every repository: neither a repository's settings nor the user's
/// change what it does.
struct Git {
  /// How it ended.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: [String]
  }

  /// Runs `git apply` on a patch.
  ///
  /// - Parameter tree: the folder to change, an absolute path without links; nil to only look at
  ///   the patch.
  static func apply(
    _ patch: [UInt8], _ flags: [String], tree: String? = nil
  ) throws(ApplyError) -> Outcome {
    let target = tree.map { ["--directory=\($0.drop { $0 == "/" })"] } ?? []
    do {
      return try withScratch { scratch in
        let file = scratch.appending(path: "patch")
        try Data(patch).write(to: file)
        return try run(["apply", "--whitespace=nowarn"] + flags + target + [file.path], scratch)
      }
    } catch {
      throw .git("git can't be run: \(error)")
    }
  }

  private static func run(_ arguments: [String], _ scratch: URL) throws -> Outcome {
    let (out, err) = (scratch.appending(path: "out"), scratch.appending(path: "err"))
    for file in [out, err] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(filePath: "/")
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C",
      "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: err), as: UTF8.self)
        .split(separator: "\n").map(String.init))
  }

  private static func withScratch<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let files = FileManager.default
    let folder = files.temporaryDirectory.appending(path: "ukl-shortcut-\(UUID().uuidString)")
    try files.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? files.removeItem(at: folder) }
    return try body(folder)
  }
}
