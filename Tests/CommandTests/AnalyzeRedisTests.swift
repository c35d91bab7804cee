import Foundation
import Testing

/// What is known of Redis: its source, and what the chains of the recordings show when counted by
/// hand (`perf script` with every address looked up in kallsyms).
@Suite struct AnalyzeRedisTests {
  @Test func exactlyTwoShortcutsOnUKL() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl")
    #expect(shortcuts.ids("shortcut") == ["connSocketRead.read", "connSocketWrite.write"])
    let read = try #require(shortcuts.candidate("connSocketRead", "read"))
    #expect(read.leaf == "tcp_recvmsg" && read.leaves == ["tcp_recvmsg": 434])
    #expect(read.wrapper == "ukl_read" && read.site.symbol == "ukl_connSocketRead")
    let write = try #require(shortcuts.candidate("connSocketWrite", "write"))
    #expect(write.leaf == "tcp_sendmsg" && write.leaves == ["tcp_sendmsg": 2896])
    #expect(shortcuts.layout == "ukl" && shortcuts.total == 7405 && shortcuts.event == "cpu-clock")
  }

  @Test func smallSitesAreSaidToBeSmall() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl")
    let file = try #require(shortcuts.candidate("flushAppendOnlyFile", "write"))
    #expect(file.verdict == "small" && file.leaf == "generic_file_write_iter")
    #expect(file.leaves == ["generic_file_write_iter": 28])
    let proc = try #require(shortcuts.candidate("get_proc_stat_ll", "read"))
    #expect(proc.verdict == "small" && proc.stub == nil)
  }

  /// 434 of 434: the exact one-sided bound is 0.05^(1/434).
  @Test func boundsAreExact() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl")
    let read = try #require(shortcuts.candidate("connSocketRead", "read"))
    #expect(abs(read.monomorphicLowerBound95 - pow(0.05, 1.0 / 434)) < 1e-6)
    let saving = read.saves.hops
    #expect(saving.low95 < saving.share && saving.share < saving.high95)
  }

  /// Self weights by hand: ksys_read 21, vfs_read 39, sock_read_iter 46, inet_recvmsg 8 samples.
  @Test func trunkIsWhatTheChainsShow() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl")
    let read = try #require(shortcuts.candidate("connSocketRead", "read"))
    let own = Dictionary(uniqueKeysWithValues: read.trunk.map { ($0.function, $0.`self`) })
    #expect(own["ksys_read"] == 21 && own["vfs_read"] == 39)
    #expect(own["sock_read_iter"] == 46 && own["inet_recvmsg"] == 8)
    #expect(own["tcp_recvmsg"] == nil && own["schedule"] == nil)
    let order = read.trunk.map(\.function).filter { $0 != "__x64_sys_read" }
    #expect(order == ["ksys_read", "vfs_read", "sock_read_iter", "inet_recvmsg"])
  }

  @Test func hopsNameTheirSlots() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl")
    let read = try #require(shortcuts.candidate("connSocketRead", "read"))
    let write = try #require(shortcuts.candidate("connSocketWrite", "write"))
    #expect(
      read.hops.map(\.slot) == ["file_operations.read_iter", "proto_ops.recvmsg", "proto.recvmsg"])
    #expect(read.hops.map(\.callee) == ["sock_read_iter", "inet_recvmsg", "tcp_recvmsg"])
    #expect(
      write.hops.map(\.slot) == [
        "file_operations.write_iter", "proto_ops.sendmsg", "proto.sendmsg",
      ])
    #expect(read.hops.map(\.table) == ["socket_file_ops", "inet_stream_ops", "tcp_prot"])
    #expect(Set(read.hops.map(\.evidence)) == ["catalogue"])
  }

  /// Exact counts: 2000 requests.
  @Test(arguments: [
    ("connSocketWrite", "write", 2001), ("flushAppendOnlyFile", "write", 236),
    ("connSocketRead", "read", 2018), ("get_proc_stat_ll", "read", 2),
  ])
  func countsCallsExactly(function: String, syscall: String, calls: Int) throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl-calls")
    #expect(shortcuts.candidate(function, syscall)?.calls == calls)
    #expect(shortcuts.candidates.count == 4 && shortcuts.ids("shortcut").isEmpty)
  }

  @Test func withoutFramePointersNoCallerIsInvented() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl-noframes")
    #expect(shortcuts.candidates.allSatisfy { $0.site.function == nil && $0.site.symbol == nil })
    #expect(shortcuts.notes.contains { $0.contains("call sites can't be known") })
    #expect(shortcuts.notes.contains { $0.contains("-fno-omit-frame-pointer") })
    let write = try #require(shortcuts.candidates.first { $0.syscall == "write" })
    #expect(write.wrapper == "ukl_write" && write.leaf == "tcp_sendmsg")
    #expect(write.verdict == "unsupported" && write.why.contains("generic_file_write_iter"))
    #expect(shortcuts.ids("shortcut").isEmpty)
  }

  @Test func plainLinuxEndsInTheSameLeaves() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-linux", ["--comm", "redis-server"])
    #expect(shortcuts.layout == "linux")
    func leaf(_ syscall: String) -> String? {
      shortcuts.candidates.first { $0.syscall == syscall }?.leaf
    }
    #expect(leaf("read") == "tcp_recvmsg" && leaf("write") == "tcp_sendmsg")
    #expect(shortcuts.candidates.contains { $0.leaf == "generic_file_write_iter" })
    // The binary isn't here: its call sites are image and offset, never an invented name.
    let read = try #require(shortcuts.candidates.first { $0.syscall == "read" })
    #expect(read.site.function == nil && read.site.symbol?.hasPrefix("redis-server+0x") == true)
  }

  /// The busiest process of redis-linux is the load generator, which talks TCP through recv, send.
  @Test func plainLinuxTakesTheBusiestProcess() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-linux")
    #expect(shortcuts.total == 7895)
    #expect(shortcuts.candidates.first { $0.syscall == "sendto" }?.leaf == "tcp_sendmsg")
  }

  @Test func compressedRecordingsAreRead() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl-zstd")
    #expect(shortcuts.ids("shortcut") == ["connSocketRead.read", "connSocketWrite.write"])
  }
}
