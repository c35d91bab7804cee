import Foundation
import ShortcutGen
import Testing

/// The stubs of every family run, in user space, against the mock kernel.
@Suite(
  "Stubs of all families in a mock kernel",
  .enabled(if: StubTools.has("gcc"), "gcc is not installed"))
struct StubFamilyTests {
  private static let strict = [
    "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function", "-Werror",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
  ]

  private static let families = StubScenario.families.keys.sorted()

  /// A family's generated file and its system calls.
  private func source(_ family: String) throws -> (code: String, calls: [String]) {
    let stubs = StubSamples.every.filter { $0.kind.family == family }
    let file = try StubSamples.kernelFiles(stubs).first {
      $0.path.hasSuffix("/ukl_shortcut_\(family).c")
    }
    return (try #require(file).contents, stubs.map(\.kind.syscall))
  }

  @Test(arguments: families)
  func doesWhatTheSystemCallDoes(_ family: String) throws {
    let (code, calls) = try source(family)
    let scenarios = try #require(StubScenario.families[family])
    try StubTools.withFolder { folder in
      let kernel = try StubMockKernel(
        code, of: family, calls: calls, in: folder, release: .linux6_1, options: Self.strict)
      for scenario in scenarios {
        #expect(try kernel.trace(scenario.situation) == scenario.trace, "\(family) \(scenario)")
      }
    }
  }

  /// Every stub has a scenario, but those whose family is like another one's but for names.
  @Test func everyCallOfAFamilyHasAScenario() {
    for (family, scenarios) in StubScenario.families
    where ["tcp", "tmpfs", "pipe"].contains(family) {
      let calls = Set(StubKind.all.filter { $0.family == family }.map(\.syscall))
      let seen = Set(
        scenarios.compactMap { $0.situation.split(separator: " ").first?.dropFirst(5) }.map(
          String.init)
      )
      #expect(calls.subtracting(seen).isSubset(of: ["read", "write"]), "\(family)")
    }
  }

  /// A stub that breaks a rule is noticed.
  @Test(arguments: families)
  func brokenRulesAreNoticed(_ family: String) throws {
    let (code, calls) = try source(family)
    let scenarios = try #require(StubScenario.families[family])
    for (name, mutation) in StubMutation.families where name == family {
      try #require(code.contains(mutation.find), "the template has changed: \(mutation)")
      try StubTools.withFolder { folder in
        let kernel = try StubMockKernel(
          code.replacingOccurrences(of: mutation.find, with: mutation.replace), of: family,
          calls: calls, in: folder, release: .linux6_1, options: ["-w"])
        let noticed = try scenarios.contains { try kernel.trace($0.situation) != $0.trace }
        #expect(noticed, "no scenario of \(family) notices \(mutation)")
      }
    }
  }

  /// Without its guards a stub says so in every file, and the checks are gone.
  @Test func stubsWithoutGuardsAreMarked() throws {
    let policy = StubPolicy(dropping: [], guards: false)
    let files =
      try StubSamples.kernelFiles(StubSamples.every, policy: policy)
      + StubSamples.moduleFiles(.linux6_1, StubSamples.every, policy: policy)
    for file in files {
      #expect(file.contents.contains("UNSAFE: generated with --no-guards"), "\(file.path)")
    }
    let code = files.map(\.contents).joined()
    for check in ["!= tcp_recvmsg", "= sock_from_file(", "f_op != &", "_reads(f.file)"] {
      #expect(!code.contains(check), "\(check)")
    }
    #expect(
      try !StubSamples.kernelFiles(StubSamples.every).contains { $0.contents.contains("UNSAFE") })
  }

  /// Each side effect is in every faithful stub that has it and in no stub that drops it.
  @Test(arguments: [
    (SideEffect.lsm, ["security_socket_recvmsg(", "security_file_permission(", "rw_verify_area("]),
    (.fsnotify, ["fsnotify_access(", "fsnotify_modify("]),
    (.accounting, ["add_rchar(", "inc_syscw("]), (.rps, ["sock_rps_record_flow("]),
    (.tracepoints, ["trace_sock_recv_length(", "trace_sock_send_length("]),
  ])
  func whatAPolicyDropsIsGone(_ effect: SideEffect, _ calls: [String]) throws {
    func code(_ policy: StubPolicy) throws -> String {
      try StubSamples.moduleFiles(.linux6_12, StubSamples.every, policy: policy)
        .filter { $0.path.hasSuffix(".c") }.map { Self.withoutComments($0.contents) }.joined()
    }
    let (kept, lean) = (try code(.faithful), try code(StubPolicy(dropping: [effect])))
    for call in calls {
      #expect(kept.contains(call) && !lean.contains(call), "\(call)")
    }
  }

  private static func withoutComments(_ code: String) -> String {
    code.split(separator: "\n").filter { !$0.hasPrefix(" *") && !$0.contains("/*") }
      .joined(separator: "\n")
  }
}
