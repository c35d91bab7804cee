import Foundation
import TestSupport
import Testing

/// `verify --mutants` in Debian's 6.1, under QEMU: some minutes, most of them for the compiler.
@Suite(.serialized) struct VerifyMutantsTests {
  private struct Found: Decodable {
    struct Kernel: Decodable { let mutants: [Mutant] }
    struct Mutant: Decodable {
      let rule: String
      let family, caught, result, failure: String?
    }
    let kernels: [Kernel]
  }

  /// Two scenarios only: what they are there for is noticed, what they can't show is untested.
  @Test func brokenRulesAreNoticed() throws {
    for tool in ["qemu-system-x86_64", "cpio", "gcc", "make", "python3", "apt-get"]
    where Place.tool(tool) == nil {
      return skipped("\(tool) is not installed")
    }
    let folder = try TemporaryFolder()
    for command in [
      ["analyze", Fixture.recording("redis-ukl"), "--output", folder.path, "--quiet"],
      ["generate", folder.path + "/shortcuts.json", "--module"],
    ] {
      let run = try Program.run(command)
      try #require(run.status == 0, "\(run.stderr)")
    }
    #expect(try folder.text("report.md").contains("NOT VERIFIED: ukl-shortcut verify has not run"))
    let cache = FileManager.default.temporaryDirectory.appending(path: "ukl-shortcut-lab").path
    let wanted = ["tcp_read/tcp/16", "tcp_read/tls_rx/16"].flatMap { ["--scenario", $0] }
    let run = try Program.run(
      ["verify", folder.path, "--mutants", "--json", "--cache", cache] + wanted)
    #expect(run.status == 1, "\(run.stderr)")
    let mutants = try #require(
      try JSONDecoder().decode(Found.self, from: run.stdout).kernels.first?.mutants)
    #expect(mutants.allSatisfy { $0.failure == nil }, "\(mutants.filter { $0.failure != nil })")
    func noticed(_ rule: String) -> [String?] { mutants.filter { $0.rule == rule }.map(\.caught) }
    #expect(noticed("R6") == ["tcp_read/tcp/16"])
    #expect(noticed("R4") == ["tcp_read/tls_rx/16", nil])  // of recvmsg and of sendmsg
    #expect(noticed("R18").isEmpty && noticed("R16") == [nil])
    let report = try folder.text("verify.md")
    #expect(report.contains("| R6 | 1 | 1 | 0 | 0 | `tcp_read/tcp/16` |"))
    #expect(report.contains("nothing: this rule is untested"))
    #expect(
      try folder.text("report.md").contains(
        "NOT VERIFIED: only scenarios with tcp_read/tcp/16, tcp_read/tls_rx/16 in their"))
  }
}
