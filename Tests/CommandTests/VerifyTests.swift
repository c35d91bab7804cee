import Foundation
import TestSupport
import Testing

/// `verify` in Debian's 6.1, under QEMU: all of TCP takes some minutes, the others one each.
@Suite(.serialized) struct VerifyTests {
  @Test func stubsOfTCPDoWhatTheSystemCallsDo() throws {
    guard let folder = try Self.module(["--all-stubs"]) else { return }
    let run = try Program.run(
      ["verify", folder.path, "--json", "--stub", "shortcut_tcp_"] + Self.cache)
    let kernel = try #require(try Found(run).kernels.first)
    #expect(run.status == 0, "\(kernel.findings) \(kernel.complaints) \(run.stderr)")
    #expect(kernel.release.hasPrefix("6.1."))
    #expect(kernel.scenarios >= 450)
    #expect(kernel.complaints.isEmpty)
    #expect(kernel.stubs.isComplete)
    let stubs = kernel.stubs.stubs
    #expect(
      stubs.keys.sorted()
        == [
          "accept", "accept4", "read", "readv", "recvfrom", "recvmsg", "sendmsg", "sendto", "write",
          "writev",
        ].map { "shortcut_tcp_\($0)" })
    #expect(stubs.values.allSatisfy { $0.different == 0 && $0.lost == 0 && $0.dropped == 0 })
    #expect(
      stubs.values.reduce(0) { $0 + $1.equal + $1.skipped + $1.unstable } == kernel.scenarios)
    #expect(
      try folder.text("verify.md").contains("shortcut_tcp_read: VERIFIED on Linux 6.1."))
  }

  /// What the policy leaves out is missing, and nothing else: a denial, a notification, a count.
  @Test func leanStubsDifferByWhatTheyDrop() throws {
    guard let folder = try Self.module(["--policy", "lean", "--drop", "lsm,fsnotify,accounting"])
    else { return }
    let wanted = ["tcp_read/tcp_data/", "tcp_read/security_", "tcp_read/waits_tcp/"]
    let run = try Program.run(
      ["verify", folder.path, "--json"] + Self.cache + wanted.flatMap { ["--scenario", $0] })
    #expect(run.status == 0, "\(run.stderr)")
    let stub = try #require(try Found(run).kernels.first?.stubs.stubs["shortcut_tcp_read"])
    #expect(stub.different == 0 && stub.lost == 0)
    #expect(stub.dropped > 0 && stub.equal > 0)
    #expect(try folder.text("verify.md").contains("different by what the policy drops"))
  }

  /// The body of the system call in the stub's place.
  @Test func nullTestIsClean() throws {
    guard let folder = try Self.module() else { return }
    let run = try Program.run(
      [
        "verify", folder.path, "--json", "--null", "--scenario", "tcp_read/tcp_data/",
      ] + Self.cache)
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
      ["verify", folder.path, "--json"] + Self.cache
        + wanted.flatMap { ["--scenario", $0] })
    #expect(run.status == 1, "\(run.stderr)")
    let stub = try #require(try Found(run).kernels.first?.stubs.stubs["shortcut_tcp_read"])
    let results = Dictionary(
      stub.findings.map { ($0.scenario, $0.result) }, uniquingKeysWith: { first, _ in first })
    #expect(results["tcp_read/tcp/16"] == "different")  // it waits in spite of O_NONBLOCK
    #expect(results["tcp_read/minus/16"] == "lost")  // the kernel follows a null pointer
    #expect(results["tcp_read/tls_rx/16"] == "different")  // ciphertext
  }

  /// Ended while the second guest runs: no process, no file.
  @Test func signalLeavesNothingBehind() throws {
    guard let folder = try Self.module(), let program = Place.program else { return }
    let rest = try TemporaryFolder()
    // The threads of a test may block signals, which their children take over.
    let unblocked = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, [])
      os.execv(sys.argv[1], sys.argv[1:])
      """
    let script = """
      TMPDIR="$1" python3 -c "$6" "$2" verify "$3" "$4" "$5" --null --scenario tcp_read/tcp/16 & program=$!
      boots() {
        until [ -e "$1"/ukl-verify.*/guest/boot1/events ]; do kill -0 $program || exit 99; sleep 0.1; done
      }
      boots "$1"
      first=$(echo "$1"/ukl-verify.*)
      while [ -e "$first" ]; do sleep 0.1; done
      boots "$1"
      kill -TERM $program
      wait $program
      """
    let run = try Program.run(
      "sh", ["-c", script, "sh", rest.path, program.path, folder.path] + Self.cache + [unblocked])
    #expect(run.status == 128 + SIGTERM, "\(run.stderr)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: rest.path).isEmpty)
    let running = try FileManager.default.contentsOfDirectory(atPath: "/proc")
      .compactMap { try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8) }
    #expect(!running.contains { $0.contains(rest.path) })
  }

  /// The terminal is closed while it works; nohup's are left alone.
  @Test func hangUpLeavesNothingBehind() throws {
    guard let folder = try Self.module(), let program = Place.program else { return }
    let rest = try TemporaryFolder()
    // Whoever runs the tests may ignore or block it, which children take over.
    let started = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, [])
      signal.signal(signal.SIGHUP, getattr(signal, sys.argv[1]))
      os.execv(sys.argv[2], sys.argv[2:])
      """
    let script = """
      TMPDIR="$1" python3 -c "$6" $7 "$2" verify "$3" "$4" "$5" --scenario none 2>/dev/null & program=$!
      until [ -e "$1"/ukl-verify.* ]; do kill -0 $program || exit 99; sleep 0.05; done
      kill -HUP $program
      wait $program
      """
    func status(_ disposition: String) throws -> Int32 {
      let arguments = [rest.path, program.path, folder.path] + Self.cache + [started, disposition]
      return try Program.run("sh", ["-c", script, "sh"] + arguments).status
    }
    #expect(try status("SIG_DFL") == 128 + SIGHUP)
    #expect(try status("SIG_IGN") == 2, "it goes on, and finds that there is no such scenario")
    #expect(try FileManager.default.contentsOfDirectory(atPath: rest.path).isEmpty)
  }

  /// Before the first child, while it starts, while it works: again and again until the program is gone.
  @Test func signalsFromTheStartLeaveNothingBehind() throws {
    guard let folder = try Self.module(), let program = Place.program else { return }
    let rest = try TemporaryFolder()
    let script = """
      for delay in 0 0.01 0.02 0.03 0.04 0.06 0.08 0.1 0.15 0.2 0.3 0.5; do
        TMPDIR="$1" "$2" verify "$3" "$4" "$5" 2>/dev/null & program=$!
        sleep $delay
        while kill -TERM $program 2>/dev/null; do sleep 0.01; done
        wait $program
        [ $? = 143 ] || exit 1
      done
      """
    let run = try Program.run(
      "sh", ["-c", script, "sh", rest.path, program.path, folder.path] + Self.cache)
    #expect(run.status == 0, "\(run.stderr)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: rest.path).isEmpty)
  }

  @Test func moduleWithoutItsListIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write("module/Kbuild", "")
    for (list, words) in [
      (nil, "stubs.json is missing; write the module again with generate --module"),
      ("{}", "stubs.json: not what generate --module writes"),
      (
        #"{"schema": 1, "stubs": ["rm"], "dropped": [], "guards": true}"#,
        "stubs.json: not what generate --module writes"
      ),
    ] as [(String?, String)] {
      if let list { try folder.write("module/stubs.json", list) }
      let run = try Program.run(["verify", folder.path])
      #expect(run.status == 2)
      #expect(run.stderr.contains(words))
    }
  }

  @Test func wordsThatNoScenarioHasAreRefused() throws {
    guard let folder = try Self.module() else { return }
    let run = try Program.run(["verify", folder.path, "--scenario", "tcp_raed"] + Self.cache)
    #expect(run.status == 2)
    #expect(run.stderr == "error: lab: no scenario has tcp_raed in its name\n")
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

      /// What speaks against the stubs.
      var findings: [Finding] {
        stubs.stubs.values.flatMap(\.findings).filter { $0.result != "unstable" }
      }
    }
    struct Module: Decodable {
      let isComplete: Bool
      let stubs: [String: Stub]
    }
    struct Stub: Decodable {
      let equal, different, dropped, unstable, skipped, lost: Int
      let findings: [Finding]
    }
    struct Finding: Decodable {
      let scenario, result: String
      let expected, seen: String?
    }
    let kernels: [Kernel]

    init(_ run: RunResult) throws { self = try JSONDecoder().decode(Self.self, from: run.stdout) }
  }

  /// A module generated from Redis' recording, perhaps with other stubs of TCP in their place; nil where
  /// no guest can run.
  private static func module(
    _ options: [String] = [], stubs: String? = nil, _ test: String = #function
  ) throws -> TemporaryFolder? {
    guard Lab.isThere(test) else { return nil }
    let folder = try TemporaryFolder()
    for command in [
      ["analyze", Fixture.recording("redis-ukl"), "--output", folder.path, "--quiet"],
      ["generate", folder.path + "/shortcuts.json", "--module", "--output", folder.path] + options,
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

  private static let cache = ["--cache", Lab.cache]
}
