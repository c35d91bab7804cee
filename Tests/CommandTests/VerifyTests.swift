import Foundation
import TestSupport
import Testing

/// `verify` in Debian's 6.1, under QEMU: about a minute each.
@Suite(.serialized) struct VerifyTests {
  @Test func stubsOfTCPDoWhatTheSystemCallsDo() throws {
    guard let folder = try Self.module() else { return }
    let run = try Program.run(["verify", folder.path, "--json", "--cache", Lab.cache])
    #expect(run.status == 0, "\(run.stderr)")
    let kernel = try #require(try Found(run).kernels.first)
    #expect(kernel.release.hasPrefix("6.1."))
    #expect(kernel.scenarios >= 450)
    #expect(kernel.complaints.isEmpty)
    #expect(kernel.stubs.isComplete)
    let stubs = kernel.stubs.stubs
    #expect(stubs.keys.sorted() == ["shortcut_tcp_read", "shortcut_tcp_write"])
    #expect(stubs.values.allSatisfy { $0.different == 0 && $0.lost == 0 })
    #expect(
      stubs.values.reduce(0) { $0 + $1.equal + $1.skipped + $1.unstable } == kernel.scenarios)
    #expect(
      try folder.text("verify.md").contains("shortcut_tcp_read: VERIFIED on Linux 6.1."))
  }

  /// The body of the system call in the stub's place.
  @Test func nullTestIsClean() throws {
    guard let folder = try Self.module() else { return }
    let run = try Program.run([
      "verify", folder.path, "--json", "--cache", Lab.cache, "--null",
      "--scenario", "tcp_read/tcp_data/",
    ])
    #expect(run.status == 0, "\(run.stderr)")
    let null = try #require(try Found(run).kernels.first?.null)
    #expect(null.isComplete)
    #expect(null.stubs.values.allSatisfy { $0.different == 0 && $0.lost == 0 && $0.equal > 0 })
  }

  /// Without a reference given back, without any check: data arrive, and all else is wrong.
  @Test func publishedStubsAreCaught() throws {
    guard let folder = try Self.module(stubs: "verify/published.c") else { return }
    let wanted = ["tcp_read/tcp/16", "tcp_read/minus/16", "tcp_read/tls_rx/16"]
    let run = try Program.run(
      ["verify", folder.path, "--json", "--cache", Lab.cache]
        + wanted.flatMap { ["--scenario", $0] })
    #expect(run.status == 1, "\(run.stderr)")
    let stub = try #require(try Found(run).kernels.first?.stubs.stubs["shortcut_tcp_read"])
    let results = Dictionary(
      stub.findings.map { ($0.scenario, $0.result) }, uniquingKeysWith: { first, _ in first })
    #expect(results["tcp_read/tcp/16"] == "different")  // it waits in spite of O_NONBLOCK
    #expect(results["tcp_read/minus/16"] == "lost")  // the kernel follows a null pointer
    #expect(results["tcp_read/tls_rx/16"] == "different")  // ciphertext
  }

  @Test func folderWithoutModuleIsRefused() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run(["verify", folder.path])
    #expect(run.status == 2)
    #expect(run.stderr.contains("no module of stubs there; write it with generate --module"))
  }

  /// What the test asks of `verify --json`.
  private struct Found: Decodable {
    struct Kernel: Decodable {
      let release: String
      let scenarios: Int
      let stubs: Module
      let null: Module?
      let complaints: [String]
    }
    struct Module: Decodable {
      let isComplete: Bool
      let stubs: [String: Stub]
    }
    struct Stub: Decodable {
      let equal, different, unstable, skipped, lost: Int
      let findings: [Finding]
    }
    struct Finding: Decodable { let scenario, result: String }
    let kernels: [Kernel]

    init(_ run: RunResult) throws { self = try JSONDecoder().decode(Self.self, from: run.stdout) }
  }

  /// The stubs that Redis gets, perhaps with others in their place; nil where no guest can run.
  private static func module(
    stubs: String? = nil, _ test: String = #function
  ) throws -> TemporaryFolder? {
    guard Lab.isThere(test) else { return nil }
    let folder = try TemporaryFolder()
    for command in [
      ["analyze", Fixture.recording("redis-ukl"), "--output", folder.path, "--quiet"],
      ["generate", folder.path + "/shortcuts.json", "--module"],
    ] {
      let run = try Program.run(command)
      try #require(run.status == 0, "\(run.stderr)")
    }
    if let stubs {
      let source = URL(filePath: folder.path).appending(path: "module/ukl_shortcut_tcp.c")
      try FileManager.default.removeItem(at: source)
      try FileManager.default.copyItem(at: Place.fixtures.appending(path: stubs), to: source)
    }
    return folder
  }
}
