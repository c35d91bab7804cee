import Foundation
import TestSupport

/// A kernel tree and an application's beside it, small enough to compare whole.
final class TreeSample {
  let folder: TemporaryFolder
  var kernel: String { folder.path + "/ukl/linux" }
  var application: String { folder.path + "/ukl/kvd" }

  /// Makes both.
  ///
  /// - Parameter patchSet: whether the kernel is the patch set's, below its `configure`.
  init(patchSet: Bool = true) throws {
    folder = try TemporaryFolder()
    try write(
      "linux/net/ipv4/Makefile",
      """
      obj-y := route.o
      obj-$(CONFIG_NET_SOCK_MSG) += tcp_bpf.o
      obj-$(CONFIG_BPF_SYSCALL) += udp_bpf.o
      obj-$(CONFIG_NETLABEL) += cipso_ipv4.o

      obj-$(CONFIG_XFRM) += xfrm4_policy.o xfrm4_state.o xfrm4_input.o \\
      \t\t      xfrm4_output.o xfrm4_protocol.o

      """)
    try write("linux/net/ipv4/Kconfig", "\t  on the Internet.\n\n\t  If unsure, say N.\n")
    if patchSet {
      try write("configure", "#!/bin/sh\n")
      try write("linux/kernel/Kconfig.ukl", "config UKL_DEEP_SHORTCUT\n\tbool \"shortcuts\"\n")
      try write("linux/redef_sym_names", "ukl_memcpy memcpy\n")
    }
    for name in ["kvd.c", "libc.c", "mini.h"] {
      try write(
        "kvd/" + name, String(contentsOfFile: "\(Fixture.source("kvd"))/\(name)", encoding: .utf8))
    }
  }

  /// Writes a file below the folder that holds both trees.
  func write(_ name: String, _ text: String) throws {
    let file = URL(filePath: "\(folder.path)/ukl/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func text(_ name: String) throws -> String { try folder.text("ukl/" + name) }

  /// Everything below the folder: path to contents.
  func contents() throws -> [String: Data] {
    let root = folder.path + "/ukl"
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root)
    return paths.reduce(into: [:]) { files, path in
      files[path] = FileManager.default.contents(atPath: "\(root)/\(path)")
    }
  }
}

/// What `analyze` writes for kvd; made once.
enum Reviewed {
  static let folder = Result { () throws -> TemporaryFolder in
    let folder = try TemporaryFolder()
    let result = try Program.run([
      "analyze", Fixture.recording("kvd-ukl"), "--app-source", Fixture.source("kvd"), "--return",
      "negative", "--min-saving", "1", "--output", folder.path,
    ])
    guard result.status == 0 else { throw ToolFailed(result.stderr) }
    return folder
  }

  /// A copy that a test may change.
  static func copy() throws -> TemporaryFolder {
    let copy = try TemporaryFolder()
    for name in ["kernel", "app"] {
      try FileManager.default.copyItem(
        atPath: try folder.get().path + "/" + name, toPath: copy.path + "/" + name)
    }
    return copy
  }

  /// The kernel's patches in order.
  static func series() throws -> [String] {
    let kernel = try folder.get().path + "/kernel"
    return try FileManager.default.contentsOfDirectory(atPath: kernel).sorted()
      .filter { $0.hasSuffix(".patch") }.map { "\(kernel)/\($0)" }
  }

  private struct ToolFailed: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
  }
}
