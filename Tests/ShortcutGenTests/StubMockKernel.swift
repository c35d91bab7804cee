import Foundation
import Testing

/// A generated C file linked with Tests/Fixtures/mock-kernel, ready to run in user space.
struct StubMockKernel {
  let program: URL

  enum Release: String, CaseIterable { case linux5_14, linux6_1, linux6_3, linux6_6, linux6_12 }

  /// Compiles the stubs of a family, `source`, into `folder`.
  init(
    _ source: String, of family: String = "tcp", calls: [String] = ["read", "write"],
    in folder: URL, release: Release, options: [String]
  ) throws {
    program = folder.appendingPathComponent("mock")
    let result = try Self.compile(
      source, of: family, calls: calls, in: folder, release: release, options: options)
    try #require(result.status == 0, "\(result.output)")
  }

  /// What the compiler says; the program is `mock` in the folder.
  static func compile(
    _ source: String, of family: String = "tcp", calls: [String] = ["read", "write"],
    in folder: URL, release: Release, options: [String]
  ) throws -> ToolResult {
    let mock = StubTools.fixtures.appendingPathComponent("mock-kernel")
    try writeHeaders(for: source, to: folder)
    let stub = folder.appendingPathComponent("stub.c")
    let code = source.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("#include \"") }.joined(separator: "\n")
    try Data(code.utf8).write(to: stub)
    let define = ["-DMOCK_LINUX_\(release.rawValue.dropFirst("linux".count))"]
    return try StubTools.run(
      [
        "gcc", "-std=gnu11", "-O0", "-g", "-I\(folder.path)/include", "-I\(mock.path)",
        "-DFAMILY=\(family)", "-DCALLS=\(calls.map(call).joined(separator: " "))",
      ] + define
        + options + [stub.path, "\(mock.path)/mock_kernel.c", "-o", "\(folder.path)/mock"])
  }

  /// How the mock calls a stub; see `CALL` there.
  private static func call(_ name: String) -> String {
    let arguments = [
      "read": "buffer, count", "write": "buffer, count", "readv": "vector, vlen",
      "writev": "vector, vlen", "pread64": "buffer, count, pos", "pwrite64": "buffer, count, pos",
      "recvfrom": "buffer, count, flags, addr, addr ? &address_length : NULL",
      "sendto": "buffer, count, flags, addr, addr ? 7 : 0", "recvmsg": "&header, flags",
      "sendmsg": "&header, flags", "accept": "addr, &address_length",
      "accept4": "addr, &address_length, flags",
    ]
    return "CALL(\(name), \(arguments[name] ?? ""))"
  }

  /// Each kernel header that the source includes is there and leads to the mock.
  private static func writeHeaders(for source: String, to folder: URL) throws {
    for line in source.split(separator: "\n") where line.hasPrefix("#include <") {
      let name = line.dropFirst("#include <".count).prefix { $0 != ">" }
      let header = folder.appendingPathComponent("include/\(name)")
      try FileManager.default.createDirectory(
        at: header.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("#include \"mock_kernel.h\"\n".utf8).write(to: header)
    }
  }

  /// What the stub does in a situation; see mock_kernel.c for the words.
  func trace(_ situation: String) throws -> String {
    let result = try StubTools.run(
      [program.path] + situation.split(separator: " ").map(String.init))
    guard result.status == 0 else { return "died: \(result.output)" }
    return result.output.trimmingCharacters(in: .newlines)
  }
}
