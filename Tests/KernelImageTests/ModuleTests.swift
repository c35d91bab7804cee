import Foundation
import KernelImage
import Profiler
import SystemPackage
import TestSupport
import Testing

/// The tables that `Fixtures/kernel/module.c` defines, as one reads them there.
private let expected = [
  "file_operations line_fops 8 llseek noop_llseek, 16 read_iter line_read_iter, "
    + "24 write_iter line_write_iter, 32 release line_close",
  "line_operations late_line 0 open line_open (stored), 8 hangup line_hangup (stored)",
  "line_operations line_operations 0 open line_open, 8 hangup line_hangup",
  "line_operations line_operations[1] 0 open line_open",
]

private func found(_ kernel: FakeKernel, _ module: URL, cache: TableCache? = nil) throws
  -> KernelTables
{
  try KernelTables(
    FilePath(kernel.vmlinux.path), modules: [FilePath(module.path)], cache: cache)
}

private func ofModule(_ found: KernelTables) -> [String] {
  shown(found.tables.filter { $0.module == "line" })
}

@Test func tablesOfAModuleAreThoseOfItsSource() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let module = try kernel.module()
    let tables = try found(kernel, module)
    #expect(ofModule(tables) == expected && tables.warnings == [])
    // The kernel's own stay as they are, and nobody's.
    #expect(tables.tables.filter { $0.module == nil }.count == 8)
    let objcopy = try #require(Place.tool("objcopy"))
    for part in [["--remove-section", ".BTF"], ["--strip-debug"]] {
      let rest = folder.appending(path: "rest.ko")
      try FakeKernel.tool(objcopy, part + [module.path, rest.path])
      #expect(ofModule(try found(kernel, rest)) == expected, "\(part)")
    }
  }
}

@Test(arguments: [("gzip", "gz"), ("xz", "xz"), ("zstd", "zst")])
func aPackedModuleIsReadAsAPlainOneAndKept(tool: String, suffix: String) throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    guard let packer = Place.tool(tool) else { return skipped("no \(tool)") }
    let packed = folder.appending(path: "line.ko.\(suffix)")
    try FakeKernel.tool(packer, ["-c", try kernel.module().path]).stdout.write(to: packed)
    let cache = TableCache(folder: FilePath(folder.appending(path: "cache").path))
    let first = try found(kernel, packed, cache: cache)
    let second = try found(kernel, packed, cache: cache)
    #expect(!first.isFromCache && second.isFromCache)
    #expect(ofModule(first) == expected && first.tables == second.tables)
  }
}

@Test func whatIsNoModuleIsAWarningAndTheKernelsTablesStay() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let path = kernel.vmlinux.path
    let tables = try found(kernel, kernel.vmlinux)
    #expect(tables.tables.count == 8)
    #expect(
      tables.warnings == [
        "\(path): no module: the file is linked already; its tables aren't known"
      ])
  }
}

@Test func damagedModulesNeverCrash() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let good = try Data(contentsOf: try kernel.module())
    let file = folder.appending(path: "damaged.ko")
    var random = SeededRandom(0x6d)
    for round in 0..<150 {
      var data = good
      for _ in 0..<(1 + round % 20) {
        data[Int.random(in: 5..<data.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      try data.write(to: file)
      let tables = try found(kernel, file)
      #expect(tables.tables.count < 1000 && tables.warnings.count < 2)
    }
  }
}

@Test func opsFindsModulesBelowASysroot() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder), let program = Place.program else { return }
    let place = folder.appending(path: "root/lib/modules/6.1.0-test/extra")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let module = try kernel.module()
    try FileManager.default.copyItem(at: module, to: place.appending(path: "line.ko"))
    var boot = try bzImage(try Data(contentsOf: kernel.vmlinux).gzipped())
    let release = Array("6.1.0-test (root@test) #1\0".utf8)
    // The text stands at the end of the setup sectors; the header counts from the second sector.
    boot.replaceSubrange(0x900..<0x900 + release.count, with: release)
    boot.replaceSubrange(0x20e..<0x210, with: [0x00, 0x07])
    let image = folder.appending(path: "vmlinuz")
    try boot.write(to: image)
    let root = folder.appending(path: "root").path
    func ops(_ arguments: [String]) throws -> RunResult {
      let kallsyms = try kernel.kallsyms().path
      return try run(
        URL(filePath: "/usr/bin/env"),
        ["XDG_CACHE_HOME=\(folder.path)", program.path, "ops", image.path, "--kallsyms", kallsyms]
          + arguments)
    }
    let lines = [
      "file_operations line_fops [line]", "  +8 llseek noop_llseek",
      "  +16 read_iter line_read_iter",
      "  +24 write_iter line_write_iter", "  +32 release line_close",
    ]
    for more in [[], ["--module", "line"]] {
      let text = try ops(["--sysroot", root, "--struct", "file_operations"] + more).lines
      #expect(text.suffix(5) == lines)
    }
    let named = try ops(["--module", module.path, "--struct", "line_operations", "--json"])
    struct Table: Decodable { let name: String, module: String? }
    let tables = try JSONDecoder().decode([Table].self, from: named.stdout)
    #expect(tables.map(\.name).sorted() == ["late_line", "line_operations", "line_operations[1]"])
    #expect(tables.allSatisfy { $0.module == "line" })
    let missing = try ops(["--sysroot", root, "--module", "ext4"])
    #expect(missing.status == 2 && missing.stderr.contains("no file of a module 'ext4'"))
  }
}

/// `vfs_read` calls through a pointer; `line_read_iter` of the module jumps to `sock_read_iter`.
@Test(arguments: [0, 0x1ac0_0000 as UInt64])
func framesOfModulesAreRecoveredWhereTheirFilesAre(shift: UInt64) throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder), let program = Place.program else { return }
    let module = try kernel.module()
    let place = folder.appending(path: "root/lib/modules/6.1.0-test/extra/line.ko")
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: module, to: place)
    let base: UInt64 = 0xffff_ffff_c040_0000
    let call = try #require(try returnAddresses(kernel, in: "vfs_read")["*"]) &+ shift
    let hidden = try address(of: "sock_read_iter", in: kernel.vmlinux) &+ shift &+ 2
    let shown = try address(of: "line_read_iter", in: module) &+ base &+ 2
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.feature(4) { $0.headerString("6.1.0-test") }  // HEADER_OSRELEASE
    file.mmap("[line]", pid: -1, start: base, length: 0x10000, misc: 1)
    for leaf in [hidden, shown] {
      var values = SampleValues(chain: [ChainMarker.kernel, leaf, call])
      values.ip = leaf
      file.sample(values, misc: 1)
    }
    let recording = folder.appending(path: "perf.data")
    try Data(file.bytes).write(to: recording)
    func fold(_ root: String) throws -> (stacks: [String], said: String) {
      let result = try run(
        URL(filePath: "/usr/bin/env"),
        [
          "XDG_CACHE_HOME=\(folder.path)", program.path, "fold", recording.path, "--kallsyms",
          try kernel.kallsyms(shift: shift).path, "--kernel", try kernel.stripped().path,
          "--sysroot", root,
        ])
      let stacks = result.lines.map { String($0.drop { $0 != ";" }.prefix { $0 != " " }) }
      return (stacks.sorted(), result.stderr)
    }
    let whole = try fold(folder.appending(path: "root").path)
    #expect(
      whole.stacks == [";vfs_read;line_read_iter", ";vfs_read;line_read_iter;sock_read_iter"])
    // What else stands in the slot is not known without the module.
    let part = try fold(folder.appending(path: "nowhere").path)
    #expect(part.stacks == [";vfs_read;[line]", ";vfs_read;sock_read_iter"])
    #expect(part.said.contains("no file of the modules line:"))
  }
}

/// A symbol's value, by nm: an address, or an offset in an object's `.text`.
private func address(of name: String, in file: URL) throws -> UInt64 {
  let nm = try #require(Place.tool("nm"))
  let lines = try FakeKernel.tool(nm, [file.path]).lines
  let line = try #require(lines.first { $0.hasSuffix(" \(name)") })
  return try #require(UInt64(line.prefix(16), radix: 16))
}

extension Data {
  fileprivate func gzipped() throws -> Data {
    guard let gzip = Place.tool("gzip") else { throw ToolMissing("gzip is not installed") }
    return try withTemporaryFolder { folder in
      let file = folder.appending(path: "plain")
      try write(to: file)
      return try FakeKernel.tool(gzip, ["-c", file.path]).stdout
    }
  }
}
