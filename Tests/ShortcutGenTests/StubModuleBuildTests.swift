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
  private static let calls = [
    "sock_from_file", "ukl_found_ksys_read", "ukl_found_ksys_write",
    "ukl_found_security_file_permission", "ukl_found_security_socket_recvmsg",
    "ukl_found_security_socket_sendmsg", "ukl_found_tcp_recvmsg", "tcp_sendmsg", "fsnotify", "fput",
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

  /// All stubs, without a warning from gcc (`W=1`), sparse and modpost, and they call what they must.
  @Test(arguments: targets)
  func compilesWithoutWarning(_ target: Target) throws {
    guard let headers = StubTools.headers(of: target.series) else {
      return skipped("no linux-headers for \(target) are installed")
    }
    if !StubTools.has("sparse") { print("without sparse: it is not installed") }
    try StubTools.withFolder { folder in
      try StubSamples.moduleFiles(target.features, StubSamples.every).write(to: folder)
      let module = folder.appendingPathComponent("module")
      let check = StubTools.has("sparse") ? ["C=1", "CF=-Wsparse-error"] : []
      let result = try StubTools.run(
        ["make", "-C", headers.path, "M=\(module.path)", "W=1", "KCFLAGS=-Werror"] + check
          + ["-j2", "modules"])
      #expect(result.status == 0, "\(result.output)")
      #expect(warnings(in: result.output).isEmpty, "\(result.output)")
      try expectCalls(of: module.appendingPathComponent("ukl_shortcut_tcp.o"))
    }
  }

  private func warnings(in output: String) -> [Substring] {
    output.split(separator: "\n").filter {
      $0.contains("warning:") || $0.contains("WARNING:") || $0.contains("error:")
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
