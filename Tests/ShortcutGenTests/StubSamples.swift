import Foundation
import ShortcutGen

/// Requests and files that the tests of the stubs share.
enum StubSamples {
  static let provenance = Provenance(
    toolVersion: "0.1.0", kernelRelease: "6.1.0-ukl",
    buildID: "0123456789abcdef0123456789abcdef01234567", event: "cpu-clock", samples: 7405)

  static let read = StubRequest(
    kind: kind("shortcut_tcp_read"),
    trunk: ["ksys_read", "vfs_read", "sock_read_iter", "inet_recvmsg"],
    evidence: ["connSocketRead -> read -> tcp_recvmsg: 172 samples, saves 1.9 % (1.5 to 2.4)"],
    planIDs: ["7c1e"])

  static let write = StubRequest(
    kind: kind("shortcut_tcp_write"),
    trunk: ["ksys_write", "vfs_write", "sock_write_iter.isra.0"],
    evidence: ["connSocketWrite -> write -> tcp_sendmsg: 211 samples, saves 2.8 % (2.3 to 3.5)"],
    planIDs: ["8a20"])

  static let both = [read, write]

  /// A kind that is there.
  static func kind(_ name: String) -> StubKind {
    guard let kind = StubKind.named(name) else { fatalError("no stub \(name)") }
    return kind
  }

  /// One request for each kind of stub.
  static let every = StubKind.all.map {
    StubRequest(
      kind: $0, trunk: ["ksys_\($0.syscall)", "vfs_\($0.syscall)"],
      evidence: ["site -> \($0.syscall): 100 samples"], planIDs: ["7c1e"])
  }

  static func kernelFiles(
    _ stubs: [StubRequest] = both, policy: StubPolicy = .faithful, tree: KernelTree = .patchSet
  ) throws -> [GeneratedFile] {
    try StubGenerator(policy: policy)
      .kernelFiles(for: stubs, provenance: provenance, tree: tree)
  }

  static func applicationFiles(
    _ convention: ErrnoConvention = .errno, transition: TransitionNames = .rfc2022
  ) throws -> [GeneratedFile] {
    try StubGenerator().applicationFiles(
      for: both, provenance: provenance, transition: transition, errnoConvention: convention)
  }

  static func moduleFiles(
    _ features: KernelFeatures, _ stubs: [StubRequest] = both, policy: StubPolicy = .faithful
  ) throws -> [GeneratedFile] {
    try StubGenerator(policy: policy)
      .moduleFiles(for: stubs, provenance: provenance, features: features)
  }
}

extension [GeneratedFile] {
  /// The text of the file at `path`; empty where there is none.
  func text(of path: String) -> String { first { $0.path == path }?.contents ?? "" }

  /// Writes every file below `folder`.
  func write(to folder: URL) throws {
    for file in self {
      let target = folder.appendingPathComponent(file.path)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.contents.utf8).write(to: target)
    }
  }
}
