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
      let file = FileManager.default.temporaryDirectory
        .appending(path: "ukl-shortcut-\(UUID().uuidString).patch")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data().write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
      try Data(patch).write(to: file)
      return try run(["apply", "--whitespace=nowarn"] + flags + target + [file.path])
    } catch {
      throw .git("git can't be run: \(error)")
    }
  }

  private static func run(_ arguments: [String]) throws -> Outcome {
    let git = ChildProcess(
      ["git"] + arguments, folder: "/",
      environment: [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
      ])
    var output = Data()
    let end = try git.run { output.append($0) }
    return Outcome(
      status: end.status, output: String(decoding: output, as: UTF8.self),
      errors: end.errors.split(separator: "\n").map(String.init))
  }
}
