import Foundation
import Testing

@testable import ShortcutGen

/// What is made of the lines that the lab prints.
@Suite struct VerificationTests {
  private static let lines = [
    #"{"kernel": "6.1.0-56-amd64"}"#, #"{"scenarios": 4}"#,
    #"{"module": "stubs", "scenario": "tcp_read/tcp/16", "stub": "shortcut_tcp_read", "own": "yes", "result": "equal"}"#,
    #"{"module": "stubs", "scenario": "tcp_read/minus/16", "result": "lost", "seen": "the guest broke down", "console": ["BUG: kernel NULL pointer dereference"]}"#,
    #"{"module": "stubs", "scenario": "tcp_write/tcp/16", "stub": "shortcut_tcp_write", "own": "yes", "result": "equal"}"#,
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

  @Test func whatThePolicyDropsIsNoDifference() throws {
    let verification = try Self.verification([
      #"{"kernel": "6.1.0-56-amd64"}"#,
      #"{"module": "stubs", "scenario": "tcp_read/tcp/16", "own": "yes", "result": "dropped", "expected": "io 1", "seen": "io 0"}"#,
      #"{"module": "stubs", "done": true}"#,
    ])
    let stub = try #require(verification.kernels[0].stubs.stubs["shortcut_tcp_read"])
    #expect(stub.dropped == 1 && stub.findings.isEmpty)
    #expect(verification.isGood)
    #expect(
      verification.verdict(of: "shortcut_tcp_read").hasSuffix(
        "1 scenario, no difference but what the policy drops, in 1"))
    #expect(
      VerificationReport(verification).markdown
        .contains("1 scenario, 0 equal, 0 different, 1 different by what the policy drops"))
  }

  /// No verdict, and said.
  @Test func unstableScenariosAreSaidWithTheVerdict() throws {
    let verification = try Self.verification([
      #"{"kernel": "6.1.0-56-amd64"}"#,
      #"{"module": "stubs", "scenario": "tcp_read/tcp/16", "own": "yes", "result": "equal"}"#,
      #"{"module": "stubs", "scenario": "tcp_read/stress", "result": "unstable", "expected": "a", "seen": "b"}"#,
      #"{"module": "stubs", "done": true}"#,
    ])
    #expect(verification.isGood)
    #expect(
      verification.verdict(of: "shortcut_tcp_read").hasSuffix(
        "2 scenarios, no difference; 1 of them unstable"))
  }

  /// A stub that fails now and then differs in few scenarios, and in other ones when they are repeated.
  @Test(arguments: [(2, true), (3, false)])
  func manyUnstableScenariosAreNoVerdict(unstable: Int, isGood: Bool) throws {
    func line(_ number: Int, _ result: String) -> String {
      #"{"module": "stubs", "scenario": "tcp_read/tcp/\#(number)", "own": "yes", "result": "\#(result)"}"#
    }
    let verification = try Self.verification(
      [#"{"kernel": "6.1.0-56-amd64"}"#] + (0..<250).map { line($0, "equal") }
        + (0..<unstable).map { line(1000 + $0, "unstable") }
        + [#"{"module": "stubs", "done": true}"#])
    #expect(verification.isGood == isGood)
    #expect(verification.verdict(of: "shortcut_tcp_read").hasPrefix("VERIFIED") == isGood)
  }

  @Test func whatWasNotFinishedIsNotVerified() throws {
    let verification = try Self.verification(Array(Self.lines.dropLast()))
    #expect(verification.verdict(of: "shortcut_tcp_write").hasPrefix("NOT VERIFIED"))
  }

  /// The testers' run may come to an end that is not theirs.
  @Test func whatHasNoResultIsNotVerified() throws {
    let verification = try Self.verification(
      Self.lines.filter { !$0.contains("lost") } + [
        #"{"module": "stubs", "failed": "scenarios without a result: 1"}"#
      ])
    #expect(!verification.isGood)
    #expect(verification.verdict(of: "shortcut_tcp_write").hasPrefix("NOT VERIFIED"))
    #expect(
      VerificationReport(verification).summary.contains(
        "not all were run: scenarios without a result: 1"))
  }

  /// On descriptors that it isn't for, a stub takes the ordinary path.
  @Test func stubThatNeverMetItsOwnKindIsNotVerified() throws {
    let verification = try Self.verification([
      #"{"kernel": "6.1.0-56-amd64"}"#,
      #"{"module": "stubs", "scenario": "ext4_read/ext4/16", "own": "yes", "result": "skipped"}"#,
      #"{"module": "stubs", "scenario": "ext4_read/tcp/16", "result": "equal"}"#,
      #"{"module": "stubs", "done": true}"#,
    ])
    #expect(!verification.isGood)
    #expect(verification.verdict(of: "shortcut_ext4_read").hasPrefix("NOT VERIFIED on Linux 6.1"))
  }

  /// What the kernel can't make was not run.
  @Test func whatIsNotPossibleIsSaidWithTheVerdict() throws {
    let verification = try Self.verification(
      Self.lines.filter { !$0.contains("lost") } + [
        #"{"module": "stubs", "scenario": "tcp_write/mptcp/16", "own": "yes", "result": "skipped"}"#
      ])
    #expect(
      verification.verdict(of: "shortcut_tcp_write").hasSuffix(
        "1 scenario, no difference; 1 more not possible there"))
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

  /// Bound to the stub's source: another one, or one that was run in part, is not verified.
  @Test func onlyTheStubThatWasRunIsVerified() throws {
    let source = "long shortcut_tcp_write(int fd)\n{\n\treturn 0;\n}"
    func found(
      _ text: String?, lines: [String] = Self.lines, parts: [String] = [], kernel: String? = nil,
      of stub: String = "shortcut_tcp_write"
    ) throws -> StubVerification {
      let run = try Self.run(lines)
      let kernel = [
        GeneratedFile(path: "kernel/net/ipv4/ukl_shortcut_tcp.c", contents: kernel ?? "\(source)\n")
      ]
      var verification = Verification(
        stubs: ["shortcut_tcp_write"],
        module: [GeneratedFile(path: "module/ukl_shortcut_tcp.c", contents: source + "\n")],
        scenarioParts: parts)
      verification.add(Verification.Kernel(release: "6.1.0-56-amd64", stubs: run))
      let json = try JSONDecoder().decode(
        Verification.self, from: JSONEncoder().encode(verification))
      return json.found(of: stub, text: text, kernel: kernel, date: "2026-11-28")
    }
    let good = try found(source + "\n")
    #expect(good.isVerified && good.kernels == ["6.1.0-56-amd64"] && good.scenarios == 1)
    #expect(
      good.sentence
        == "VERIFIED on Linux 6.1.0-56-amd64: 1 scenario, no difference; generated from the "
        + "recording of 2026-11-28")
    for other in [
      try found(source.replacing("0", with: "1") + "\n"), try found(nil),
      try found(source + "\n", parts: ["tcp/16"]),
      try found(source + "\n", kernel: source.replacing("0", with: "1") + "\n"),
      try found(source + "\n", kernel: "#define return panic();\n\n\(source)\n"),
      try found(source + "\n", of: "shortcut_tcp_read"),
      try found(source + "\n", lines: Array(Self.lines.dropLast())),
    ] {
      #expect(!other.isVerified && other.sentence.hasPrefix("NOT VERIFIED"), "\(other)")
    }
  }

  /// What it calls in another source, too; a module can't check at compile time what it finds when it is loaded.
  @Test func sourceOfAStubIsAllThatItCalls() throws {
    func code(_ helper: String, check: String = "") throws -> String {
      try #require(
        StubExcerpt(name: "shortcut_tcp_readv").code(in: [
          GeneratedFile(
            path: "ukl_shortcut_tcp.c",
            contents:
              "int shortcut_tcp_readv(int fd)\n{\n\(check)\treturn shortcut_ordinary_readv(fd);\n}\n"
          ),
          GeneratedFile(
            path: "ukl_shortcut_vectors.c",
            contents: "int shortcut_ordinary_readv(int fd)\n{\n\treturn \(helper);\n}\n"),
        ]))
    }
    #expect(try code("do_readv(fd)") != code("0"))
    #expect(try code("0") == code("0", check: "\tBUILD_BUG_ON(a.b != c);\n"))
  }

  private static let module = [
    GeneratedFile(
      path: "ukl_shortcut_tcp.c",
      contents: "if (sock->file->f_flags & O_NONBLOCK)\n\tsock_rps_record_flow(sk);\n"),
    GeneratedFile(path: "ukl_shortcut_pipe.c", contents: "inc_syscr(current);\n"),
    GeneratedFile(
      path: "ukl_shortcut_device.c", contents: "return result <= -512 && result >= -516;\n"),
    GeneratedFile(path: "ukl_shortcut_found.c", contents: "inc_syscr(current);\n"),
    GeneratedFile(path: "include/linux/ukl_shortcut.h", contents: "inc_syscr(current);\n"),
  ]

  private static func mutants(of stubs: [String]) -> [Mutant] {
    Mutant.all(of: module, stubs: stubs, wanted: stubs)
  }

  /// One for each rule in each source, tried with the stubs of that source.
  @Test func mutantsChangeOneSourceEach() throws {
    let mutants = Self.mutants(of: ["shortcut_tcp_read", "shortcut_pipe_read"])
    let found = mutants.map { "\($0.mutation.rule) \($0.file.path) \($0.stubs.count)" }
    #expect(
      found == [
        "R6 ukl_shortcut_tcp.c 1", "R12 ukl_shortcut_pipe.c 1", "R20 ukl_shortcut_tcp.c 1",
        "R16 ukl_shortcut_device.c 2",
      ])
    #expect(mutants[0].file.contents.hasPrefix("if (0)"))
    #expect(mutants.map { $0.excuse != nil } == [false, false, true, false])
    #expect(mutants.map(\.witnesses.isEmpty) == [false, false, false, false])
  }

  /// Of the stubs that nobody asked for none is broken; what all stubs need is broken for those asked for.
  @Test func mutantsAreOfTheStubsAskedFor() {
    let stubs = ["shortcut_tcp_read", "shortcut_tcp_readv", "shortcut_pipe_read"]
    let mutants = Mutant.all(of: Self.module, stubs: stubs, wanted: [stubs[2]])
    #expect(mutants.map(\.mutation.rule) == ["R12", "R16"])
    #expect(mutants.allSatisfy { $0.stubs == [stubs[2]] })
  }

  /// A body that the module doesn't call can't be called by a mutant: it would not link.
  @Test func mutantsCallOnlyWhatTheModuleFinds() {
    let source = "ret = READ_ONCE(sock->ops)->sendmsg(sock, msg, count);"
    func rules(_ more: String) -> [String] {
      Mutant.all(
        of: [GeneratedFile(path: "ukl_shortcut_tcp.c", contents: source + more)],
        stubs: ["shortcut_tcp_sendmsg"], wanted: ["shortcut_tcp_sendmsg"]
      ).map(\.mutation.replace)
    }
    #expect(rules("").isEmpty)
    #expect(rules("ksys_write(") == ["ret = ksys_write(3, 0, count)"])
    #expect(rules("__sys_sendmsg(") == ["ret = __sys_sendmsg(3, 0, 0, true)"])
  }

  @Test func mutantNobodyNoticedSpeaksAgainstTheScenarios() throws {
    let good = try Self.run(Self.lines.filter { !$0.contains("lost") })
    let mutants = Self.mutants(of: ["shortcut_tcp_read"])
    let noticed = try Self.run([
      #"{"module": "m", "scenario": "tcp_read/tcp/16", "result": "different"}"#
    ]).modules["m"]
    let failed = try Self.run([#"{"module": "m", "failed": "it does not compile"}"#]).modules["m"]
    for (mutant, module, isGood) in [
      (mutants[0], noticed, true), (mutants[0], nil, false), (mutants[0], failed, false),
      (mutants[2], nil, true), (mutants[2], failed, false),
    ] {
      let result = Verification.MutantResult(mutant, module)
      let kernel = Verification.Kernel(release: "6.1", stubs: good, mutants: [result])
      #expect(kernel.isGood == isGood, "\(result)")
    }
  }

  /// Rule by scenario, and what is not tested.
  @Test func reportSaysWhichScenarioNoticesWhichRule() throws {
    let mutants = Self.mutants(of: ["shortcut_tcp_read", "shortcut_pipe_read"])
    let noticed = try Self.run([
      #"{"module": "m", "scenario": "tcp_read/tcp/16", "result": "different"}"#
    ]).modules["m"]
    var verification = Verification()
    verification.add(
      Verification.Kernel(
        release: "6.1", stubs: try Self.run(Self.lines),
        mutants: mutants.map {
          Verification.MutantResult($0, $0.mutation.rule == "R6" ? noticed : nil)
        }))
    let report = VerificationReport(verification).markdown
    #expect(report.contains("| R6 | 1 | 1 | 0 | 0 | `tcp_read/tcp/16` |"))
    #expect(report.contains("| R12 | 1 | 0 | 0 | 1 |  |"))
    #expect(report.contains("| R20 | 1 | 0 | 1 | 0 |  |"))
    #expect(report.contains("nothing: this rule is untested"))
  }

  /// Who looks at the internal flags of sendmsg() is a matter of the kernel's version.
  @Test func excuseMayHoldForOneKernelAlone() {
    let code = "flags &= ~MSG_INTERNAL_SENDMSG_FLAGS;\n"
    func excuses(_ code: String) -> [Bool] {
      ["tcp", "udp", "unix_dgram", "unix_stream"].map { family in
        let stubs = ["shortcut_\(family)_sendto"]
        return Mutant.all(
          of: [GeneratedFile(path: "ukl_shortcut_\(family).c", contents: code)],
          stubs: stubs, wanted: stubs
        ).allSatisfy { $0.excuse != nil }
      }
    }
    #expect(excuses(code) == [false, true, true, true])
    #expect(excuses(code + "x = fd_file(f);\n") == [false, false, true, false])
  }

  /// On 6.12 a descriptor's file is fd_file(f).
  @Test func mutationsAreSpelledAsTheKernelHasIt() throws {
    let file = GeneratedFile(
      path: "ukl_shortcut_tcp.c",
      contents: "if (unlikely(fd_empty(f)))\n\t\treturn -EBADF;\n\tx = sock_from_file(fd_file(f));")
    let changed = StubMutation.every.compactMap { $0.applied(to: file)?.contents }
    #expect(
      changed == [
        "\n\tx = sock_from_file(fd_file(f));",
        "if (unlikely(fd_empty(f)))\n\t\treturn -EBADF;\n\tx = fd_file(f)->private_data;",
      ])
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
