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

  private static let calls = [
    "sock_from_file", "ksys_read", "ksys_write", "security_file_permission",
    "security_socket_recvmsg", "security_socket_sendmsg", "tcp_recvmsg", "tcp_sendmsg", "fsnotify",
    "fput",
  ]

  /// What the headers declare is found by reading them; Debian keeps them in a folder `-common`.
  @Test(arguments: targets)
  func featuresAreReadFromHeaders(_ target: Target) throws {
    guard let folder = StubTools.headers(of: target.series)?.path else {
      return skipped("no linux-headers for \(target) are installed")
    }
    let common = folder.replacingOccurrences(of: "-amd64", with: "-common")
    #expect(try KernelTree(readingFrom: common).features == target.features)
  }

  /// Without a warning from gcc (`W=1`) and sparse, and it calls what it must.
  @Test(arguments: targets)
  func compilesWithoutWarning(_ target: Target) throws {
    guard let headers = StubTools.headers(of: target.series) else {
      return skipped("no linux-headers for \(target) are installed")
    }
    if !StubTools.has("sparse") { print("without sparse: it is not installed") }
    try StubTools.withFolder { folder in
      try StubSamples.moduleFiles(target.features).write(to: folder)
      let module = folder.appendingPathComponent("module")
      let check = StubTools.has("sparse") ? ["C=1", "CF=-Wsparse-error"] : []
      let result = try StubTools.run(
        ["make", "-C", headers.path, "M=\(module.path)", "W=1", "KCFLAGS=-Werror"] + check
          + ["KBUILD_MODPOST_WARN=1", "modules"])
      #expect(result.status == 0, "\(result.output)")
      #expect(warnings(in: result.output).isEmpty, "\(result.output)")
      try expectCalls(of: module.appendingPathComponent("ukl_shortcut_tcp.o"))
    }
  }

  /// Everything but what a module can't link to, which modpost names.
  private func warnings(in output: String) -> [Substring] {
    output.split(separator: "\n").filter {
      ($0.contains("warning:") || $0.contains("WARNING:") || $0.contains("error:"))
        && !$0.hasPrefix("WARNING: modpost: ")
    }
  }

  private func expectCalls(of object: URL) throws {
    let relocations = try StubTools.run(["objdump", "-dr", object.path]).output
    for name in Self.calls {
      #expect(relocations.contains("\t\(name)"), "no reference to \(name)")
    }
  }

  @Test(
    .enabled(if: StubTools.hasKernelSource, "linux-source-6.1 is not installed"))
  func checkpatchFindsNothing() throws {
    let tree = try StubTools.kernelTree.get()
    try StubTools.withFolder { folder in
      let patch = try StubSamples.kernelFiles().text(of: "kernel/ukl-shortcuts.patch")
      let path = folder.appendingPathComponent("ukl-shortcuts.patch")
      try Data(patch.utf8).write(to: path)
      // A person signs the patch off and enters the files in MAINTAINERS, not the generator.
      let result = try StubTools.run([
        "perl", tree.appendingPathComponent("scripts/checkpatch.pl").path, "--no-tree",
        "--strict", "--no-signoff", "--ignore=FILE_PATH_CHANGES", path.path,
      ])
      #expect(result.output.contains("total: 0 errors, 0 warnings, 0 checks"), "\(result.output)")
    }
  }
}
