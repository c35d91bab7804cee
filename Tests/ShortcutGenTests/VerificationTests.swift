import Foundation
import Testing

@testable import ShortcutGen

/// What is made of the lines that the lab prints.
@Suite struct VerificationTests {
  private static let lines = [
    #"{"kernel": "6.1.0-56-amd64"}"#, #"{"scenarios": 4}"#,
    #"{"module": "stubs", "scenario": "tcp_read/tcp/16", "stub": "shortcut_tcp_read", "result": "equal"}"#,
    #"{"module": "stubs", "scenario": "tcp_read/minus/16", "result": "lost", "seen": "the guest broke down", "console": ["BUG: kernel NULL pointer dereference"]}"#,
    #"{"module": "stubs", "scenario": "tcp_write/tcp/16", "stub": "shortcut_tcp_write", "result": "equal"}"#,
    #"{"module": "stubs", "repeated": "3"}"#, #"{"module": "stubs", "done": true}"#,
  ]

  @Test func eachStubHasItsOwnVerdict() throws {
    let verification = try Self.verification(Self.lines)
    #expect(verification.stubs == ["shortcut_tcp_read", "shortcut_tcp_write"])
    #expect(
      verification.verdict(of: "shortcut_tcp_read").hasPrefix("NOT VERIFIED on Linux 6.1.0-56"))
    #expect(
      verification.verdict(of: "shortcut_tcp_write")
        == "VERIFIED on Linux 6.1.0-56-amd64: 1 scenario, no difference")
    #expect(verification.verdict(of: "shortcut_udp_read") == "NOT VERIFIED")
    #expect(!verification.isGood)
    #expect(verification.kernels[0].stubs.repeated == 3)
  }

  @Test func aLostGuestCountsForTheStubOfItsScenario() throws {
    let stub = try #require(
      try Self.verification(Self.lines).kernels[0].stubs.stubs["shortcut_tcp_read"])
    #expect(stub.lost == 1 && stub.equal == 1)
    #expect(stub.findings.map(\.scenario) == ["tcp_read/minus/16"])
    #expect(stub.findings[0].console == ["BUG: kernel NULL pointer dereference"])
  }

  @Test func whatWasNotFinishedIsNotVerified() throws {
    let verification = try Self.verification(Array(Self.lines.dropLast()))
    #expect(verification.verdict(of: "shortcut_tcp_write").hasPrefix("NOT VERIFIED"))
  }

  @Test func aComplaintOfTheKernelIsAgainstAllStubs() throws {
    let verification = try Self.verification(
      Self.lines.filter { !$0.contains("lost") } + [#"{"complaint": "refcount_t: underflow"}"#])
    #expect(verification.verdict(of: "shortcut_tcp_write").hasPrefix("NOT VERIFIED"))
    #expect(VerificationReport(verification).markdown.contains("refcount_t: underflow"))
  }

  @Test func namesFromTheGuestAreCodeInTheReport() throws {
    let verification = try Self.verification([
      #"{"kernel": "<b>6</b>"}"#,
      #"{"module": "s", "scenario": "tcp_read/x", "result": "different", "expected": "<script>", "seen": "`|"}"#,
    ])
    let text = VerificationReport(verification).markdown
    #expect(!text.contains("<b>6</b>"))
    #expect(text.contains("`<script>`"))
  }

  @Test func mutantNobodyNoticedSpeaksAgainstTheScenarios() throws {
    let good = try Self.run(Self.lines.filter { !$0.contains("lost") })
    let mutation = StubMutation("R6", "O_NONBLOCK", "0")
    for (caught, isGood) in [("tcp_read/tcp/16", true), (nil, false)] as [(String?, Bool)] {
      let kernel = Verification.Kernel(
        release: "6.1", stubs: good,
        mutants: [Verification.MutantResult(mutation, caught: caught)])
      #expect(kernel.isGood == isGood)
    }
  }

  @Test func mutationChangesOnlySources() {
    let files = [
      GeneratedFile(path: "a.c", contents: "x = O_NONBLOCK;"),
      GeneratedFile(path: "a.h", contents: "O_NONBLOCK"),
    ]
    let mutation = StubMutation("R6", "O_NONBLOCK", "0")
    #expect(mutation.applied(to: files)?.map(\.contents) == ["x = 0;", "O_NONBLOCK"])
    #expect(StubMutation("R6", "missing", "0").applied(to: files) == nil)
  }

  private static func run(_ lines: [String]) throws -> LabRun {
    var run = LabRun()
    for line in lines { run.add(try JSONDecoder().decode(LabLine.self, from: Data(line.utf8))) }
    return run
  }

  private static func verification(_ lines: [String]) throws -> Verification {
    let run = try run(lines)
    var verification = Verification()
    verification.add(Verification.Kernel(release: run.kernel ?? "", stubs: run))
    return verification
  }
}
