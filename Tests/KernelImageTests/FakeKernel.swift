import Foundation
import TestSupport

/// A kernel of a few functions and tables, compiled from a file in `Fixtures/kernel`: vmlinux with
/// DWARF, symbols and BTF that `pahole` made.
struct FakeKernel {
  let vmlinux: URL

  /// Compiles it, or returns nil where gcc or pahole is missing.
  init?(
    in folder: URL, from name: String = "tables.c", defining names: [String] = []
  ) throws {
    guard let gcc = Place.tool("gcc"), let pahole = Place.tool("pahole") else {
      skipped("gcc and pahole are needed")
      return nil
    }
    vmlinux = folder.appending(path: "vmlinux")
    let source = Place.fixtures.appending(path: "kernel/\(name)").path
    let flags = [
      "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=sha1", "-Wl,-Ttext=0xffffffff81000000",
    ]
    let defined = names.map { "-D\($0)" }
    try FakeKernel.tool(
      gcc, FakeKernel.compiling + flags + defined + [source, "-o", vmlinux.path])
    try FakeKernel.tool(pahole, ["-J", vmlinux.path])
  }

  static let compiling = [
    "-g", "-O2", "-w", "-ffreestanding", "-fno-pic", "-mcmodel=kernel", "-fcf-protection=none",
    "-fno-asynchronous-unwind-tables", "-mgeneral-regs-only",
  ]

  /// A module of this kernel, with DWARF, and with BTF that refers to the kernel's.
  func module(from name: String = "module.c") throws -> URL {
    guard let gcc = Place.tool("gcc"), let pahole = Place.tool("pahole") else {
      throw ToolMissing("gcc and pahole are needed")
    }
    let source = Place.fixtures.appending(path: "kernel/\(name)").path
    let out = vmlinux.deletingLastPathComponent().appending(path: "line.ko")
    try FakeKernel.tool(gcc, FakeKernel.compiling + ["-c", source, "-o", out.path])
    try FakeKernel.tool(pahole, ["--btf_base", vmlinux.path, "-J", out.path])
    return out
  }

  /// Runs a tool that must succeed.
  @discardableResult
  static func tool(_ tool: URL, _ arguments: [String]) throws -> RunResult {
    let result = try run(tool, arguments)
    guard result.status == 0 else { throw ToolMissing("\(tool.path): \(result.stderr)") }
    return result
  }

  /// The image without symbols and DWARF, as a bzImage has it.
  func stripped() throws -> URL {
    let out = vmlinux.deletingLastPathComponent().appending(path: "stripped")
    guard let objcopy = Place.tool("objcopy") else { throw ToolMissing("objcopy is not installed") }
    try FakeKernel.tool(
      objcopy,
      ["-S", "--set-section-flags", ".BTF=alloc,readonly", vmlinux.path, out.path])
    return out
  }

  /// What `/proc/kallsyms` would say of the kernel moved by `shift`, from nm.
  func kallsyms(shift: UInt64 = 0) throws -> URL {
    guard let nm = Place.tool("nm") else { throw ToolMissing("nm is not installed") }
    var lines = ["\(hex(0xffff_ffff_8100_0000 &+ shift)) T _text"]
    for line in try FakeKernel.tool(nm, ["-n", vmlinux.path]).lines {
      let fields = line.split(separator: " ")
      guard fields.count == 3, let address = UInt64(fields[0], radix: 16) else { continue }
      lines.append("\(hex(address &+ shift)) \(fields[1]) \(fields[2])")
    }
    let out = vmlinux.deletingLastPathComponent().appending(path: "kallsyms")
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: out)
    return out
  }

  private func hex(_ value: UInt64) -> String { String(value, radix: 16) }
}

/// A bzImage around packed bytes, with the header fields that boot.rst names.
func bzImage(_ payload: Data, version: UInt16 = 0x20f, length: Int? = nil) -> Data {
  var image = [UInt8](repeating: 0, count: 5 * 512)
  image[0x1f1] = 4
  (image[0x1fe], image[0x1ff]) = (0x55, 0xaa)
  image.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
  var tail = ByteWriter()
  tail.integer(version)
  image.replaceSubrange(0x206..<0x208, with: tail.bytes)
  var place = ByteWriter()
  place.integers([UInt32(100), UInt32(length ?? payload.count)])
  image.replaceSubrange(0x248..<0x250, with: place.bytes)
  return Data(image + [UInt8](repeating: 0x90, count: 100)) + payload
}
