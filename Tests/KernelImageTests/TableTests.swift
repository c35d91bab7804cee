import Foundation
import KernelImage
import Profiler
import SystemPackage
import TestSupport
import Testing

/// The tables that `Fixtures/kernel/tables.c` defines, as one reads them there.
private let expected = [
  "file_operations held 16 read_iter sock_read_iter, 32 release sock_close",
  "file_operations seek_fops 8 llseek noop_llseek",
  "file_operations socket_file_ops 8 llseek noop_llseek, 16 read_iter sock_read_iter, "
    + "24 write_iter sock_write_iter, 32 release sock_close",
  "other other_ops 0 close other_close, 8 recvmsg udp_recvmsg",
  "proto late_prot 8 recvmsg udp_recvmsg (stored), 40 sendmsg tcp_sendmsg (stored)",
  "proto prots 0 close tcp_close, 8 recvmsg udp_recvmsg",
  "proto prots[1] 0 close tcp_close, 40 sendmsg tcp_sendmsg",
  "proto tcp_prot 0 close tcp_close, 8 recvmsg tcp_recvmsg, 40 sendmsg tcp_sendmsg",
]

func shown(_ tables: [OperationsTable]) -> [String] {
  tables.map { table in
    let members = table.members.map {
      // The alias of sock_read_iter is as right.
      let function = $0.function == "also_read_iter" ? "sock_read_iter" : $0.function
      return "\($0.offset) \($0.name) \(function)" + ($0.isFilledAtRunTime ? " (stored)" : "")
    }
    return "\(table.structure) \(table.name) \(members.joined(separator: ", "))"
  }.sorted()
}

private func tables(_ image: URL, kallsyms: URL? = nil) throws -> [String] {
  let path = kallsyms.map { FilePath($0.path) }
  return shown(try KernelTables(FilePath(image.path), kallsyms: path, cache: nil).tables)
}

@Test func tablesOfAVmlinuxAreThoseOfItsSource() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    #expect(try tables(kernel.vmlinux) == expected)
  }
}

@Test func tablesAreTheSameByDebugInformationAlone() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let objcopy = try #require(Place.tool("objcopy"))
    try FakeKernel.tool(objcopy, ["--remove-section", ".BTF", kernel.vmlinux.path])
    #expect(try tables(kernel.vmlinux) == expected)
    let found = try KernelTables(FilePath(kernel.vmlinux.path), cache: nil).tables
    #expect(found.allSatisfy { $0.evidence == .debugInformation && $0.alternatives == [] })
    // Without either the image can't say.
    try FakeKernel.tool(objcopy, ["--strip-debug", kernel.vmlinux.path])
    #expect(throws: SymbolError.self) { try tables(kernel.vmlinux) }
  }
}

@Test func damagedImagesNeverCrash() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let good = try Data(contentsOf: kernel.vmlinux)
    let file = folder.appending(path: "damaged")
    var random = SeededRandom(0x6b)
    for round in 0..<150 {
      var data = good
      for _ in 0..<(1 + round % 20) {
        data[Int.random(in: 5..<data.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      try data.write(to: file)
      guard let found = try? KernelTables(FilePath(file.path), cache: nil).tables else { continue }
      #expect(found.count < 1000)
    }
  }
}

@Test(arguments: [0, 0x1ac0_0000 as UInt64])
func tablesOfAStrippedImageAreFoundThroughKallsymsWhereverTheKernelRan(shift: UInt64) throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let kallsyms = try kernel.kallsyms(shift: shift)
    #expect(try tables(try kernel.stripped(), kallsyms: kallsyms) == expected)
  }
}

@Test(arguments: [
  ["gzip", "-9"], ["xz", "--check=crc32", "--x86", "--lzma2=dict=32MiB"],
  ["xz", "--format=lzma"], ["zstd", "-19", "-q"], ["lz4", "-l", "-q"],
])
func tablesOfABootImageAreTheSameHoweverItIsPacked(command: [String]) throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    guard let packer = Place.tool(command[0]) else { return skipped("no \(command[0])") }
    let image = try kernel.stripped()
    let arguments = Array(command.dropFirst()) + ["-c", image.path]
    var payload = try FakeKernel.tool(packer, arguments).stdout
    // The kernel's build appends the size.
    payload += withUnsafeBytes(of: UInt32(try Data(contentsOf: image).count)) { Data($0) }
    let boot = folder.appending(path: "vmlinuz")
    try bzImage(payload).write(to: boot)
    #expect(try tables(boot, kallsyms: try kernel.kallsyms()) == expected)
  }
}

@Test func theCacheGivesTheSameTablesAndIsNotTrustedOnceTouched() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder) else { return }
    let cache = TableCache(folder: FilePath(folder.appending(path: "cache/deeper").path))
    let path = FilePath(kernel.vmlinux.path)
    let first = try KernelTables(path, cache: cache)
    let second = try KernelTables(path, cache: cache)
    #expect(!first.isFromCache && second.isFromCache)
    #expect(first.tables == second.tables && shown(second.tables) == expected)

    let kept = folder.appending(path: "cache/deeper/tables-3")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: kept.path).first)
    let file = kept.appending(path: name)
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(text.replacingOccurrences(of: "tcp_recvmsg", with: "udp_recvmsg").utf8).write(to: file)
    let third = try KernelTables(path, cache: cache)
    #expect(!third.isFromCache && shown(third.tables) == expected)

    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file.path)
    #expect(try !KernelTables(path, cache: cache).isFromCache)
  }
}
