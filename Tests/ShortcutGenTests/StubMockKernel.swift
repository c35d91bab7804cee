import Foundation
import Testing

/// A generated C file linked with Tests/Fixtures/mock-kernel, ready to run in user space.
struct StubMockKernel {
  let program: URL

  enum Release: String, CaseIterable { case linux6_1, linux6_12 }

  /// Compiles `source` into `folder`.
  init(_ source: String, in folder: URL, release: Release, options: [String]) throws {
    let mock = StubTools.fixtures.appendingPathComponent("mock-kernel")
    try Self.writeHeaders(for: source, to: folder)
    let stub = folder.appendingPathComponent("stub.c")
    try Data(source.utf8).write(to: stub)
    program = folder.appendingPathComponent("mock")
    let define = release == .linux6_12 ? ["-DMOCK_LINUX_6_12"] : []
    let result = try StubTools.run(
      ["gcc", "-std=gnu11", "-O0", "-g", "-I\(folder.path)/include", "-I\(mock.path)"] + define
        + options + [stub.path, "\(mock.path)/mock_kernel.c", "-o", program.path])
    try #require(result.status == 0, "\(result.output)")
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
