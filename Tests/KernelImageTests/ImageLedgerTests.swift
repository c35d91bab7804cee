import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import KernelImage

/// The ledger of an analysis, checked against an image, and the types that stubs are fitted to.
@Suite("Ledger from an image") struct ImageLedgerTests {
  /// Analyses Redis inside UKL, then generates its read stub with an image of ours as the kernel.
  private func generate(_ defined: [String]) throws -> RunResult? {
    try withTemporaryFolder { folder in
      guard let kernel = try FakeKernel(in: folder, from: "trunk.c", defining: defined),
        let program = Place.program
      else { return nil }
      let recording = Place.recording("redis-ukl").appending(path: "perf.data").path
      let out = folder.appending(path: "out").path
      let analysis = try run(program, ["analyze", recording, "--output", out, "--quiet"])
      #expect(analysis.status == 0, "\(analysis.stderr)")
      return try run(
        URL(filePath: "/usr/bin/env"),
        [
          "XDG_CACHE_HOME=\(folder.path)", program.path, "generate", out + "/shortcuts.json",
          "--select", "connSocketRead.read", "--kernel", kernel.vmlinux.path,
        ])
    }
  }

  @Test func anImageWhoseCallsAreKnownGetsTheStub() throws {
    guard let result = try generate([]) else { return }
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stderr.contains("shortcut_tcp_read"))
  }

  @Test(arguments: [("UNCLASSIFIED", "vfs_read"), ("MOVED", "sock_recvmsg")])
  func aCallThatNobodyClassifiedTakesTheStubAway(defined: String, function: String) throws {
    guard let result = try generate([defined]) else { return }
    #expect(result.status == 2)
    #expect(
      result.stderr.contains(
        "\(function) calls acme_audit_read, which nobody has classified"), "\(result.stderr)")
  }

  private static let wanted = KernelDeclarations.Wanted(
    functions: ["fsnotify", "import_ubuf", "acme_audit_read"],
    structures: ["fd", "proto", "proto_ops", "net_hotdata"], enumerators: ["ITER_UBUF", "ITER_X"])

  /// What trunk.c declares, as its text says.
  @Test func btfAndDwarfDeclareTheSame() throws {
    try withTemporaryFolder { folder in
      guard let kernel = try FakeKernel(in: folder, from: "trunk.c") else { return }
      let path = FilePath(kernel.vmlinux.path)
      let btf = try KernelDeclarations(Self.wanted, in: path)
      #expect(btf.functions == ["fsnotify", "acme_audit_read"])
      #expect(btf.enumerators == ["ITER_UBUF"])
      #expect(Set(btf.structures.keys) == ["fd", "proto", "proto_ops"])
      #expect(btf.structures["fd"]?.mapValues(\.parameters) == ["file": nil, "flags": nil])
      #expect(
        btf.structures["proto"]?.mapValues(\.parameters) == [
          "close": 2, "sendmsg": 3, "recvmsg": 5,
        ])
      #expect(try KernelDeclarations(Self.wanted, dwarfOf: KernelImage(path: path)) == btf)
      let raw = folder.appending(path: "vmlinux.btf")
      let objcopy = try #require(Place.tool("objcopy"))
      try FakeKernel.tool(
        objcopy,
        [
          "-O", "binary", "--only-section=.BTF", "--set-section-flags", ".BTF=alloc",
          kernel.vmlinux.path, raw.path,
        ])
      #expect(try KernelDeclarations(Self.wanted, in: FilePath(raw.path)) == btf)
    }
  }

  @Test func filesWithoutTypesAreRefused() throws {
    try withTemporaryFolder { folder in
      let text = folder.appending(path: "vmlinux.btf")
      try Data("\u{9f}".utf8).write(to: text)
      #expect(throws: (any Error).self) {
        try KernelDeclarations(Self.wanted, in: FilePath(text.path))
      }
      try Data([0x9f, 0xeb, 1, 0, 255, 255, 255, 255]).write(to: text)
      #expect(throws: (any Error).self) {
        try KernelDeclarations(Self.wanted, in: FilePath(text.path))
      }
    }
  }
}
