import Foundation
import ShortcutGen
import TestSupport
import Testing

/// The generated C against real kernel headers and the kernel's own checkers.
@Suite("Stubs against kernel headers", .serialized)
struct StubModuleBuildTests {
  struct Target: CustomStringConvertible, Sendable {
    let series: String
    let features: KernelFeatures
    var description: String { series }
  }

  static let targets = [
    Target(series: "6.1", features: .linux6_1), Target(series: "6.12", features: .linux6_12),
  ]

  /// What a module calls directly; the rest it finds when it is loaded.
  private static let calls: [(name: String, effect: SideEffect?)] = [
    ("ukl_found_security_file_permission", .lsm), ("ukl_found_security_socket_recvmsg", .lsm),
    ("ukl_found_security_socket_sendmsg", .lsm), ("fsnotify", .fsnotify),
    ("ukl_found_tcp_recvmsg", nil), ("tcp_sendmsg", nil), ("fput", nil),
  ]
  private static let fallbacks = ["sock_from_file", "ukl_found_ksys_read", "ukl_found_ksys_write"]

  /// What the headers declare is found by reading them; Debian keeps them in a folder `-common`.
  @Test(arguments: targets)
  func featuresAreReadFromHeaders(_ target: Target) throws {
    guard let folder = StubTools.headers(of: target.series)?.path else {
      return skipped("no linux-headers for \(target) are installed")
    }
    let common = folder.replacingOccurrences(of: "-amd64", with: "-common")
    #expect(try KernelTree(readingFrom: common).features == target.features)
  }

  /// What stubs can keep: everything, each side effect but one, none, and with none no check either.
  static let policies: [StubPolicy] =
    [.faithful] + SideEffect.allCases.map { .lean(dropping: [$0]) }
    + [
      .lean(dropping: Set(SideEffect.allCases)), StubPolicy(dropping: [], guards: false),
      StubPolicy(dropping: Set(SideEffect.allCases), guards: false),
    ]

  /// All stubs, without a warning from gcc (`W=1`), sparse and modpost, and they call what they must.
  @Test(arguments: targets, [policies[0], policies[6], policies[8]])
  func compilesWithoutWarning(_ target: Target, _ policy: StubPolicy) throws {
    try build(target, policy) { try expectCalls(of: $0, policy) }
  }

  private func build(_ target: Target, _ policy: StubPolicy, _ expect: (URL) throws -> Void) throws
  {
    guard let headers = StubTools.headers(of: target.series) else {
      return skipped("no linux-headers for \(target) are installed")
    }
    if !StubTools.has("sparse") { print("without sparse: it is not installed") }
    try StubTools.withFolder { folder in
      try StubSamples.moduleFiles(target.features, StubSamples.every, policy: policy)
        .write(to: folder)
      let module = folder.appendingPathComponent("module")
      let check = StubTools.has("sparse") ? ["C=1", "CF=-Wsparse-error"] : []
      let result = try StubTools.run(
        ["make", "-C", headers.path, "M=\(module.path)", "W=1", "KCFLAGS=-Werror"] + check
          + ["-j2", "modules"])
      #expect(result.status == 0, "\(result.output)")
      #expect(warnings(in: result.output).isEmpty, "\(result.output)")
      try expect(module.appendingPathComponent("ukl_shortcut_tcp.o"))
    }
  }

  /// An assumption that is wrong for the kernel at hand, and what the compiler says of it.
  struct Misfit: CustomTestStringConvertible, Sendable {
    let target: Target
    let name: String
    let says: String
    let change: @Sendable (inout KernelFeatures) -> Void
    var testDescription: String { "\(name) on \(target)" }
  }

  static let misfits = [
    Misfit(target: targets[0], name: "nonblock", says: "proto.recvmsg has another prototype") {
      $0.recvmsgTakesNonblock = true
    },
    Misfit(target: targets[0], name: "no own flags", says: "has flags of its own") {
      $0.masksInternalFlags = false
    },
    Misfit(target: targets[0], name: "descriptor as a word", says: "fd_file") {
      $0.descriptorIsWord = true
    },
    Misfit(target: targets[1], name: "fanotify inside the LSM", says: "fsnotify_perm") {
      $0.fanotifyBesideLSM = false
    },
    Misfit(target: targets[1], name: "no tracepoints", says: "trace_sock_recv_length") {
      $0.socketLengthTracepoints = false
    },
    Misfit(target: targets[1], name: "import of one range", says: "import_single_range") {
      $0.importsBuffers = false
    },
  ]

  /// What the generator assumed and isn't so does not compile.
  @Test(arguments: misfits)
  func wrongAssumptionDoesNotCompile(_ misfit: Misfit) throws {
    guard let headers = StubTools.headers(of: misfit.target.series) else {
      return skipped("no linux-headers for \(misfit.target) are installed")
    }
    var features = misfit.target.features
    misfit.change(&features)
    try StubTools.withFolder { folder in
      let stubs = StubSamples.every.filter { $0.kind.family == "tcp" }
      try StubSamples.moduleFiles(features, stubs).write(to: folder)
      let module = folder.appendingPathComponent("module")
      let result = try StubTools.run([
        "make", "-C", headers.path, "M=\(module.path)", "ukl_shortcut_tcp.o",
      ])
      #expect(result.status != 0)
      #expect(result.output.contains(misfit.says), "\(result.output)")
    }
  }

  private func warnings(in output: String) -> [Substring] {
    output.split(separator: "\n").filter {
      $0.contains("warning:") || $0.contains("WARNING:") || $0.contains("error:")
    }
  }

  /// What a policy drops is not called, nor is what guards fall back to without guards.
  private func expectCalls(of object: URL, _ policy: StubPolicy) throws {
    let relocations = try StubTools.run(["objdump", "-dr", object.path]).output
    for (name, effect) in Self.calls {
      let isKept = effect.map(policy.keeps) ?? true
      #expect(relocations.contains("\t\(name)") == isKept, "\(name) under \(policy)")
    }
    for name in Self.fallbacks {
      #expect(relocations.contains("\t\(name)") == policy.guards, "\(name) under \(policy)")
    }
  }

  @Test(
    .enabled(if: StubTools.hasKernelSource, "linux-source-6.1 is not installed"))
  func checkpatchFindsNothing() throws {
    let tree = try StubTools.kernelTree.get()
    try StubTools.withFolder { folder in
      let patches = try StubSamples.kernelFiles(StubSamples.every).filter {
        $0.path.hasPrefix("kernel/series/")
      }
      try patches.write(to: folder)
      let paths = patches.map { folder.appendingPathComponent($0.path).path }
      // A person signs the patch off and enters the files in MAINTAINERS, not the generator.
      let result = try StubTools.run(
        [
          "perl", tree.appendingPathComponent("scripts/checkpatch.pl").path, "--no-tree",
          "--strict", "--no-signoff", "--ignore=FILE_PATH_CHANGES",
        ] + paths)
      #expect(result.status == 0, "\(result.output)")
      let clean = result.output.split(separator: "\n").count {
        $0.hasPrefix("total: 0 errors, 0 warnings, 0 checks")
      }
      #expect(clean == paths.count, "\(result.output)")
    }
  }
}
