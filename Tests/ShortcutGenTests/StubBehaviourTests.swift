import Foundation
import ShortcutGen
import Testing

/// The generated C runs, in user space, against a mock kernel that records what it does.
@Suite("Stubs in a mock kernel", .enabled(if: StubTools.has("gcc"), "gcc is not installed"))
struct StubBehaviourTests {
  private static let strict = [
    "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function",
    "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
  ]

  private func source(_ features: KernelFeatures) throws -> String {
    let tree = KernelTree(files: KernelTree.patchSet.files, features: features)
    return try StubSamples.kernelFiles(tree: tree).text(of: "kernel/net/ipv4/ukl_shortcut_tcp.c")
  }

  @Test func everyRuleHoldsOnLinux6_1() throws {
    try expect(StubScenario.linux6_1, .linux6_1, .linux6_1)
  }

  @Test func whatLinux6_12AddsIsKept() throws {
    try expect(StubScenario.linux6_12, .linux6_12, .linux6_12)
  }

  private func expect(
    _ scenarios: [StubScenario], _ features: KernelFeatures, _ release: StubMockKernel.Release
  ) throws {
    try StubTools.withFolder { folder in
      let kernel = try StubMockKernel(
        try source(features), in: folder, release: release, options: Self.strict)
      for scenario in scenarios {
        #expect(try kernel.trace(scenario.situation) == scenario.trace, "\(scenario)")
      }
    }
  }

  /// A stub that breaks a rule is noticed: each mutation changes some scenario.
  @Test(arguments: StubMutation.all)
  func brokenRuleIsNoticed(_ mutation: StubMutation) throws {
    let source = try source(.linux6_1)
    try #require(source.contains(mutation.find), "the template has changed: \(mutation)")
    try StubTools.withFolder { folder in
      let kernel = try StubMockKernel(
        source.replacingOccurrences(of: mutation.find, with: mutation.replace), in: folder,
        release: .linux6_1, options: ["-w"])
      let noticed = try StubScenario.linux6_1.contains { scenario in
        try kernel.trace(scenario.situation) != scenario.trace
      }
      #expect(noticed, "no scenario notices \(mutation)")
    }
  }
}
