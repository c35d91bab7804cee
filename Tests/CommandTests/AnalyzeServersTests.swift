import Foundation
import Testing

/// kvd, zoo and memcached: what leads where is known from their sources.
@Suite struct AnalyzeServersTests {
  /// The stubs that each recording gets: one for each site whose kind of descriptor the recordings'
  /// facts name and that is worth one; none where callers or leaves are not recorded.
  @Test(arguments: [
    ("kvd-ukl", ["file_write", "tcp_read", "tcp_write"]), ("kvd-ukl-shortcut", ["file_write"]),
    ("memcached-ukl", ["tcp_read", "tcp_sendmsg"]), ("redis-ukl", ["tcp_read", "tcp_write"]),
    ("redis-ukl-zstd", ["tcp_read", "tcp_write"]), ("redis-ukl-noframes", []),
    ("redis-ukl-calls", []), ("zoo-ukl-calls", []),
  ])
  func stubsOfARecording(name: String, stubs: [String]) throws {
    let chosen = try Shortcuts(analyzing: name).candidates.filter { $0.verdict == "shortcut" }
    #expect(Set(chosen.compactMap(\.stub)) == Set(stubs.map { "shortcut_\($0)" }))
  }

  @Test func kvdSitesAreToldApart() throws {
    let shortcuts = try Shortcuts(analyzing: "kvd-ukl")
    #expect(
      shortcuts.ids("shortcut") == ["client_read.read", "log_append.write", "reply_flush.write"])
    #expect(shortcuts.candidate("client_read", "read")?.leaves == ["tcp_recvmsg": 172])
    #expect(shortcuts.candidate("reply_flush", "write")?.leaves == ["tcp_sendmsg": 1527])
    let log = try #require(shortcuts.candidate("log_append", "write"))
    #expect(log.leaf == "generic_file_write_iter" && log.stub == "shortcut_file_write")
  }

  @Test func aMixedSiteIsRefusedWithItsLeaves() throws {
    let shortcuts = try Shortcuts(analyzing: "kvd-ukl")
    let wake = try #require(shortcuts.candidate("wake_read", "read"))
    #expect(wake.verdict == "mixed" && !wake.monomorphic && wake.stub == nil)
    #expect(wake.leaves == ["tcp_recvmsg": 6, "eventfd_read": 1])
    #expect(wake.why.contains("tcp_recvmsg") && wake.why.contains("eventfd_read"))
  }

  @Test func aHandfulOfSamplesIsNoShortcut() throws {
    for name in ["kvd-ukl", "redis-ukl", "memcached-ukl", "zoo-ukl"] {
      for candidate in try Shortcuts(analyzing: name).candidates where candidate.samples < 30 {
        #expect(candidate.verdict != "shortcut", "\(name): \(candidate.id)")
      }
    }
  }

  /// Site → wrapper → leaf, from zoo.c.
  @Test(arguments: [
    ("chat_recv", "recvfrom", "tcp_recvmsg"), ("chat_reply", "sendto", "tcp_sendmsg"),
    ("vec_read", "readv", "tcp_recvmsg"), ("msg_recv", "recvmsg", "tcp_recvmsg"),
    ("page_read", "read", "tcp_recvmsg"), ("vec_reply", "writev", "tcp_sendmsg"),
    ("msg_reply", "sendmsg", "tcp_sendmsg"), ("page_head", "write", "tcp_sendmsg"),
    ("udp_recv", "recvfrom", "udp_recvmsg"), ("stat_read", "read", "udp_recvmsg"),
    ("udp_reply", "sendto", "udp_sendmsg"), ("stat_emit", "write", "udp_sendmsg"),
    ("uds_read", "read", "unix_stream_recvmsg"), ("uds_reply", "write", "unix_stream_sendmsg"),
    ("pipe_put", "write", "pipe_write"), ("pipe_get", "read", "pipe_read"),
    ("rec_pwrite", "pwrite64", "generic_file_write_iter"),
    ("log_write", "write", "generic_file_write_iter"),
    ("rec_pread", "pread64", "shmem_file_read_iter"),
  ])
  func everyWrapperLeadsToItsLeaf(function: String, syscall: String, leaf: String) throws {
    let candidate = try Self.zoo.get().candidate(function, syscall)
    #expect(candidate?.leaf == leaf && candidate?.monomorphic == true)
  }

  /// What is worth little is still known: without a least saving each gets its family's stub.
  @Test(arguments: [
    ("vec_reply.writev", "shortcut_tcp_writev"), ("vec_read.readv", "shortcut_tcp_readv"),
    ("chat_reply.sendto", "shortcut_tcp_sendto"), ("chat_recv.recvfrom", "shortcut_tcp_recvfrom"),
    ("msg_reply.sendmsg", "shortcut_tcp_sendmsg"), ("msg_recv.recvmsg", "shortcut_tcp_recvmsg"),
    ("page_head.write", "shortcut_tcp_write"), ("udp_reply.sendto", "shortcut_udp_sendto"),
    ("stat_emit.write", "shortcut_udp_write"), ("uds_read.read", "shortcut_unix_stream_read"),
    ("uds_reply.write", "shortcut_unix_stream_write"), ("pipe_put.write", "shortcut_pipe_write"),
    ("pipe_get.read", "shortcut_pipe_read"), ("rec_pread.pread64", "shortcut_tmpfs_pread64"),
    ("rec_pwrite.pwrite64", "shortcut_file_pwrite64"), ("log_write.write", "shortcut_file_write"),
  ])
  func everyFamilyOfZooHasItsStub(id: String, stub: String) throws {
    let candidate = try #require(try Self.everything.get().candidates.first { $0.id == id })
    #expect(candidate.verdict == "shortcut" && candidate.stub == stub, "\(candidate.why)")
  }

  @Test(arguments: ["mix_read.read", "mix_write.write", "rare_read.read"])
  func mixedSitesOfZoo(id: String) throws {
    #expect(try Self.zoo.get().ids("mixed").contains(id))
  }

  @Test func nothingElseOfZooIsMixed() throws {
    #expect(try Self.zoo.get().ids("mixed").count == 3)
  }

  @Test func epollHasNoStubAndSaysWhy() throws {
    let poll = try #require(try Self.zoo.get().candidate("ev_poll", "epoll_wait"))
    #expect(poll.verdict == "unsupported" && poll.why.contains("ep_poll"))
  }

  private static let zoo = Result { try Shortcuts(analyzing: "zoo-ukl") }
  private static let everything = Result {
    try Shortcuts(analyzing: "zoo-ukl", ["--min-saving", "0"])
  }

  /// The application counted its own calls before and after the recording: the difference is exact.
  @Test func callsOfZooAreTheApplicationsOwnCounts() throws {
    let shortcuts = try Shortcuts(analyzing: "zoo-ukl-calls")
    let counted = try Self.countsOfZoo()
    for (site, calls) in counted where calls > 0 {
      let found = shortcuts.candidate(site.function, site.syscall)?.calls
      #expect(found == calls, "\(site)")
    }
    #expect(counted.filter { $0.value > 0 }.count >= 24)
  }

  private struct Site: Hashable {
    let function: String
    let syscall: String
  }

  /// Lines such as `zoo: page_read read/tcp 9154`: the last table less the one before, a site's kinds
  /// of descriptor added. Both were printed within the recording, on request by UDP: the receive
  /// and the poll that brought the first request are recorded, and in the first table already.
  private static func countsOfZoo() throws -> [Site: Int] {
    let path = Fixture.root + "/recordings/zoo-ukl-calls/calls.txt"
    var values: [String: [Int]] = [:]
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 4, let value = Int(words[3]) else { continue }
      values["\(words[1]) \(words[2])", default: []].append(value)
    }
    var counts = [Site(function: "udp_recv", syscall: "recvfrom"): 1]
    counts[Site(function: "ev_poll", syscall: "epoll_wait")] = 1
    let analysed: Set = [
      "read", "write", "readv", "writev", "pread64", "pwrite64", "recvfrom", "sendto", "recvmsg",
      "sendmsg", "accept4", "epoll_wait",
    ]
    for (name, list) in values {
      let words = name.split { $0 == " " || $0 == "/" }.map(String.init)
      guard analysed.contains(words[1]) else { continue }
      counts[Site(function: words[0], syscall: words[1]), default: 0] +=
        list.suffix(2).reduce(0) { $1 - $0 }
    }
    return counts
  }

  /// memcached's own static function is called tcp_sendmsg too; it sibling-calls the wrapper.
  @Test func theApplicationsTcpSendmsgIsNotTheKernels() throws {
    let shortcuts = try Shortcuts(analyzing: "memcached-ukl")
    let send = try #require(shortcuts.candidate("transmit", "sendmsg"))
    #expect(send.leaves == ["tcp_sendmsg": 3054])
    let read = try #require(shortcuts.candidate("drive_machine", "read"))
    #expect(read.leaves == ["tcp_recvmsg": 404] && read.verdict == "shortcut")
  }

  /// The workers are named mc-worker; the thread group counts, 6724 samples and more.
  @Test func theThreadGroupCountsNotTheName() throws {
    let all = try Shortcuts(analyzing: "memcached-ukl")
    let byWorker = try Shortcuts(analyzing: "memcached-ukl", ["--comm", "mc-worker"])
    #expect(all.total == byWorker.total && all.total > 3218 + 3086)
  }

  /// After a shortcut the application part of a chain is left over from the last real system call:
  /// reply_flush's write no longer reaches tcp_sendmsg that way.
  @Test func staleApplicationPartsMakeNoEdge() throws {
    let shortcuts = try Shortcuts(analyzing: "kvd-ukl-shortcut")
    #expect(shortcuts.candidates.allSatisfy { $0.leaf != "tcp_sendmsg" })
  }
}
