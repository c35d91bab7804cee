import Foundation
import KernelImage
import Profiler
import SystemPackage
import TestSupport
import Testing

private func message(_ data: Data, in folder: URL) throws -> String {
  let file = folder.appending(path: "image")
  try data.write(to: file)
  do throws(SymbolError) {
    _ = try KernelImage(path: FilePath(file.path))
    return "opened"
  } catch {
    return error.description.replacingOccurrences(of: file.path, with: "image")
  }
}

@Test func whatIsNoKernelIsRefusedInOneLine() throws {
  let none = "; needed is a vmlinux, a bzImage, or one packed with gzip, xz, zstd or lz4"
  let payload = Data([1, 2, 3, 4])
  let cases = [
    (Data(), "no kernel image: begins with nothing" + none),
    (Data("root".utf8), "no kernel image: begins with 72 6f 6f 74" + none),
    (
      bzImage(payload, version: 0x207),
      "a boot image of before boot protocol 2.08 doesn't say where its kernel is"
    ),
    (
      bzImage(payload, length: 0x7fff_ffff),
      "its boot header says that the kernel is 2147483647 bytes at 0xa64, "
        + "but the file has 2664 bytes"
    ),
    (
      Data([0x42, 0x5a, 0x68, 0x39]), "packed with bzip2, which is not read; unpack it first"
    ),
  ]
  try withTemporaryFolder { folder in
    for (data, reason) in cases {
      let said = try message(data, in: folder)
      #expect(said == "image: " + reason)
    }
  }
}

@Test(arguments: ["gzip", "xz", "zstd", "lz4"])
func aPackedKernelThatIsCutShortOrDamagedIsRefused(tool: String) throws {
  guard let packer = Place.tool(tool) else { return skipped("no \(tool)") }
  try withTemporaryFolder { folder in
    var random = SeededRandom(1)
    let plain = folder.appending(path: "plain")
    try Data((0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }).write(to: plain)
    let legacy = tool == "lz4" ? ["-l", "-q"] : []
    let packed = try FakeKernel.tool(packer, legacy + ["-c", plain.path]).stdout
    let short = try message(packed.prefix(packed.count / 2), in: folder)
    #expect(short.hasPrefix("image: ") && !short.contains("begins with"))
    for at in stride(from: 8, to: packed.count, by: packed.count / 9) {
      var damaged = packed
      damaged[at] ^= 0x55
      let said = try message(damaged, in: folder)
      #expect(said.hasPrefix("image: "))
    }
  }
}

/// The error is the image's, not that of the symbols beside it.
@Test func aCutImageIsNamed() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let whole = try Data(contentsOf: kernel.vmlinux)
    try whole.prefix(4096).write(to: kernel.vmlinux)
    let kallsyms = folder.appending(path: "kallsyms")
    try Data("ffffffff81000000 T _text\n".utf8).write(to: kallsyms)
    let error = #expect(throws: SymbolError.self) {
      try KernelTables(
        FilePath(kernel.vmlinux.path), kallsyms: FilePath(kallsyms.path), cache: nil)
    }
    let said = error.map { "\($0)" } ?? ""
    #expect(said.hasSuffix("vmlinux: has no code; the file may be cut short"))
  }
}

@Test func anotherKernelsKallsymsAreRefused() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let image = try KernelImage(path: FilePath(kernel.vmlinux.path))
    let kallsyms = folder.appending(path: "kallsyms")
    let lines = "ffffffff81000000 T _text\nffffffff81009000 D __start_rodata\n"
    try Data(lines.utf8).write(to: kallsyms)
    #expect(throws: SymbolError.self) {
      try ImageSymbols(kallsyms: FilePath(kallsyms.path), of: image)
    }
    let notes = try FakeKernel.tool(
      try #require(Place.tool("readelf")), ["-n", kernel.vmlinux.path]
    ).text
    #expect(notes.contains("Build ID: \(try #require(image.buildID))"))
  }
}
