import Foundation
import ShortcutGen
import Testing

/// The kernel patch goes into trees of the patch set and into plain ones.
@Suite("Kernel patch", .enabled(if: StubTools.has("git"), "git is not installed"))
struct StubPatchTests {
  /// A little tree with the places that the patch changes; `lines` shift them, as versions do.
  private func makeTree(in folder: URL, patchSet: Bool, shift lines: Int = 0) throws {
    let known = KernelTree.patchSet.files
    let padding = String(repeating: "# line\n", count: lines)
    for path in ["net/ipv4/Makefile", "net/ipv4/Kconfig"] {
      let body = (known[path] ?? "").drop { $0 == "\n" }
      try [GeneratedFile(path: path, contents: padding + body)].write(to: folder)
    }
    try KernelTreeSample.headers.write(to: folder)
    if patchSet {
      let text = "config UKL_DEEP_SHORTCUT\n\tbool \"shortcuts\"\n"
      try [GeneratedFile(path: "kernel/Kconfig.ukl", contents: text)].write(to: folder)
    }
    try StubTools.run(["git", "init", "-q", "."], in: folder)
  }

  private func apply(_ files: [GeneratedFile], in folder: URL) throws -> ToolResult {
    let patch = folder.appendingPathComponent("ukl-shortcuts.patch")
    try Data(files.text(of: "kernel/ukl-shortcuts.patch").utf8).write(to: patch)
    return try StubTools.run(["git", "apply", patch.path], in: folder)
  }

  @Test(arguments: [0, 64, 200, 900])
  func patchWithoutATreeFitsKnownLayouts(_ shift: Int) throws {
    try StubTools.withFolder { folder in
      try makeTree(in: folder, patchSet: true, shift: shift)
      let files = try StubSamples.kernelFiles()
      let result = try apply(files, in: folder)
      #expect(result.status == 0, "\(result.output)")
      try expectUnpackedFilesInPlace(files, folder)
    }
  }

  @Test(arguments: [true, false])
  func patchForATreeFitsItAndIsAppliedOnce(_ patchSet: Bool) throws {
    try StubTools.withFolder { folder in
      try makeTree(in: folder, patchSet: patchSet)
      let files = try StubSamples.kernelFiles(tree: KernelTree(readingFrom: folder.path))
      let result = try apply(files, in: folder)
      #expect(result.status == 0, "\(result.output)")
      try expectUnpackedFilesInPlace(files, folder)
      let switches = files.text(of: "kernel/kernel/Kconfig.ukl_shortcut")
      #expect(switches.contains("\nconfig UKL_DEEP_SHORTCUT\n") == !patchSet)
      let again = try StubSamples.kernelFiles(tree: KernelTree(readingFrom: folder.path))
      #expect(!again.text(of: "kernel/ukl-shortcuts.patch").contains("diff --git"))
    }
  }

  /// Every family's patch, by itself and one after the other, for a tree that isn't at hand.
  @Test func seriesIsTakenByGitAm() throws {
    try StubTools.withFolder { folder in
      for (path, text) in KernelTree.patchSet.files {
        try [GeneratedFile(path: path, contents: text)].write(to: folder)
      }
      let git = ["git", "-c", "user.name=a", "-c", "user.email=a@localhost"]
      try StubTools.run(["git", "init", "-q", "."], in: folder)
      try StubTools.run(["git", "add", "."], in: folder)
      try StubTools.run(git + ["commit", "-q", "-m", "base"], in: folder)
      let files = try StubSamples.kernelFiles(StubSamples.every)
      let patch = folder.appendingPathComponent("series")
      try Data(files.text(of: "kernel/ukl-shortcuts.patch").utf8).write(to: patch)
      let result = try StubTools.run(git + ["am", "--signoff", patch.path], in: folder)
      #expect(result.status == 0, "\(result.output)")
      for file in files where !file.path.hasSuffix(".patch") {
        let path = folder.appendingPathComponent(String(file.path.dropFirst("kernel/".count)))
        #expect(try String(contentsOf: path, encoding: .utf8) == file.contents)
      }
      let log = try StubTools.run(git + ["log", "--format=%s"], in: folder).output
      #expect(log.split(separator: "\n").count { $0.hasPrefix("ukl: add shortcuts to ") } == 9)
    }
  }

  private func expectUnpackedFilesInPlace(_ files: [GeneratedFile], _ folder: URL) throws {
    for file in files where !file.path.hasSuffix(".patch") {
      let path = folder.appendingPathComponent(String(file.path.dropFirst("kernel/".count)))
      #expect(try String(contentsOf: path, encoding: .utf8) == file.contents)
    }
    let makefile = folder.appendingPathComponent("net/ipv4/Makefile")
    #expect(
      try String(contentsOf: makefile, encoding: .utf8)
        .contains("\nobj-$(CONFIG_UKL_SHORTCUT_TCP) += ukl_shortcut_tcp.o\n"))
  }

  /// Evidence that looks like a patch stays part of the message.
  @Test func hostileEvidenceDoesNotReachThePatch() throws {
    let text = "diff --git a/x b/x\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+evil\n"
    let stub = StubRequest(
      kind: StubSamples.kind("shortcut_tcp_read"), trunk: [text], evidence: [text, "x"],
      planIDs: [text])
    try StubTools.withFolder { folder in
      try makeTree(in: folder, patchSet: true)
      let result = try apply(try StubSamples.kernelFiles([stub]), in: folder)
      #expect(result.status == 0, "\(result.output)")
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("x").path))
    }
  }

  @Test func treeWithoutTheFilesIsRefused() throws {
    try StubTools.withFolder { folder in
      #expect(throws: EmitError.self) { try KernelTree(readingFrom: folder.path) }
    }
  }

  @Test func featuresAreReadFromTheHeaders() throws {
    try StubTools.withFolder { folder in
      try makeTree(in: folder, patchSet: true)
      #expect(try KernelTree(readingFrom: folder.path).features == .linux6_1)
    }
  }

  @Test(
    .enabled(if: StubTools.hasKernelSource, "linux-source-6.1 is not installed"))
  func patchFitsDebiansSources() throws {
    let tree = try StubTools.kernelTree.get()
    #expect(try KernelTree(readingFrom: tree.path).features == .linux6_1)
    try StubTools.withFolder { folder in
      try FileManager.default.copyItem(
        at: tree.appendingPathComponent("net"), to: folder.appendingPathComponent("net"))
      try StubTools.run(["git", "init", "-q", "."], in: folder)
      let result = try apply(try StubSamples.kernelFiles(), in: folder)
      #expect(result.status == 0, "\(result.output)")
    }
  }
}

/// The words in kernel headers that decide what a stub looks like.
enum KernelTreeSample {
  static let headers = [
    GeneratedFile(path: "include/linux/file.h", contents: "struct fd { struct file *file; };\n"),
    GeneratedFile(
      path: "include/linux/uio.h", contents: "#define ITER_DEST 0 /* iov_iter_ubuf() */\n"),
    GeneratedFile(path: "include/linux/fsnotify.h", contents: "\n"),
    GeneratedFile(path: "include/trace/events/sock.h", contents: "\n"),
    GeneratedFile(
      path: "include/linux/socket.h", contents: "#define MSG_INTERNAL_SENDMSG_FLAGS 0\n"),
    GeneratedFile(
      path: "include/net/sock.h",
      contents: "\tint (*recvmsg)(struct sock *sk, struct msghdr *msg, size_t len, int flags);\n"),
  ]
}
