import Foundation
import TestSupport
import Testing

/// What several recordings show together, what stands behind leaves, and what speaks for UKL's other
/// options: against counts of the folded stacks.
@Suite struct EvidenceTests {
  /// The same recording twice: twice the samples, the same shares, narrower intervals.
  @Test func recordingsOfOneLoadAreOne() throws {
    let one = try Shortcuts(analyzing: "kvd-ukl")
    let two = try Shortcuts(analyzing: "kvd-ukl", [Fixture.recording("kvd-ukl")])
    let (a, b) = (
      try #require(one.candidate("client_read", "read")), two.candidate("client_read", "read")
    )
    #expect(two.further.map(\.weighs) == [true])
    #expect(b?.leaves == ["tcp_recvmsg": 2 * 172] && b?.samples == 2 * a.samples)
    let (x, y) = (a.saves.total, try #require(b?.saves.total))
    #expect(abs(x.share - y.share) < 1e-6)
    let ratio = (y.high95 - y.low95) / (x.high95 - x.low95)
    #expect(abs(ratio - 1 / 2.0.squareRoot()) < 0.06)
  }

  /// Another kernel: only where calls end is taken from it.
  @Test func anotherKernelsLeavesCount() throws {
    let one = try Shortcuts(analyzing: "kvd-ukl")
    let two = try Shortcuts(analyzing: "kvd-ukl", [Fixture.recording("kvd-ukl-shortcut")])
    #expect(two.further.map(\.weighs) == [false] && two.total == one.total)
    let wake = try #require(two.candidate("wake_read", "read"))
    let alone = try #require(one.candidate("wake_read", "read"))
    #expect(wake.seen.count == 2 && wake.samples == alone.samples)
    for (leaf, count) in wake.leaves {
      #expect(count == wake.seen.reduce(0) { $0 + ($1.leaves[leaf] ?? 0) })
    }
    #expect(wake.leaves.values.reduce(0, +) > alone.leaves.values.reduce(0, +))
    let same = try #require(two.candidate("client_read", "read"))
    #expect(same.saves.total.share == one.candidate("client_read", "read")?.saves.total.share)
  }

  /// After the shortcuts their call sites make no system calls any more: those are in the other
  /// recording only, where 172 and 1527 samples show their leaves.
  @Test func sitesOfAFurtherRecordingAreAdded() throws {
    let alone = try Shortcuts(analyzing: "kvd-ukl-shortcut")
    let both = try Shortcuts(analyzing: "kvd-ukl-shortcut", [Fixture.recording("kvd-ukl")])
    for (site, call, leaves) in [
      ("client_read", "read", ["tcp_recvmsg": 172]),
      ("reply_flush", "write", ["tcp_sendmsg": 1527]),
    ] {
      let found = try #require(both.candidate(site, call))
      #expect((alone.candidate(site, call)?.leaves ?? [:]).isEmpty)
      #expect(found.leaves == leaves && found.samples == 0 && found.verdict == "small")
      #expect(found.seen.map(\.recording) == [1])
    }
    #expect(both.total == alone.total)
    #expect(both.notes.contains { $0.contains("only in") && $0.hasSuffix("kvd-ukl/perf.data") })
  }

  /// What calls were asked for adds up like the calls. redis-benchmark -t set,get -n 1000: as many
  /// answers of "+OK\r\n", 5 bytes, and of "$3\r\nxxx\r\n", 9 bytes, also beside samples of a clock.
  @Test(
    arguments: [
      ("redis-ukl-calls", [], 1), ("redis-ukl-calls", ["redis-ukl-calls"], 2),
      ("redis-ukl", ["redis-ukl-calls"], 1),
    ] as [(String, [String], Int)])
  func sizesOfCallsAddUp(first: String, further: [String], times: Int) throws {
    let shortcuts = try Shortcuts(analyzing: first, further.map(Fixture.recording))
    let write = try #require(shortcuts.candidate("connSocketWrite", "write"))
    let sizes = try #require(write.sizes)
    #expect(sizes.calls(5) == times * 1000 && sizes.calls(9) == times * 1000)
    #expect(write.calls == sizes.values.reduce(0) { $0 + $1.calls })
  }

  @Test func anotherProgramSaysNothing() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run([
      "analyze", Fixture.recording("kvd-ukl"), Fixture.recording("redis-linux"), "--json", "-o",
      folder.path,
    ])
    #expect(result.stderr.contains("no call site in common"))
    let both = try Shortcuts(result.text)
    #expect(both.ids("shortcut") == ["client_read.read", "log_append.write", "reply_flush.write"])
  }

  /// write goes to TCP, a file and an eventfd; epoll_wait shows no leaf.
  @Test func systemCallsHaveTheirLeaves() throws {
    let shortcuts = try Shortcuts(analyzing: "kvd-ukl")
    let write = try #require(shortcuts.systemCalls.first { $0.syscall == "write" })
    #expect(!write.monomorphic && write.leaves["tcp_sendmsg"] == 1527)
    #expect((write.leaves["generic_file_write_iter"] ?? 0) > 100)
    let redis = try Shortcuts(analyzing: "redis-ukl-calls")
    #expect(redis.systemCalls.first { $0.syscall == "write" }?.calls == 2001 + 236)
  }

  /// Stacks that go from the site to the slot's function, counted in the folded text.
  @Test func whatStandsBehindALeafIsSeen() throws {
    let shortcuts = try Shortcuts(analyzing: "kvd-ukl")
    let flush = try #require(shortcuts.candidate("reply_flush", "write"))
    for (slot, caller, callee) in [
      ("net_device_ops.ndo_start_xmit", "dev_hard_start_xmit", "loopback_xmit"),
      ("napi_struct.poll", "__napi_poll", "process_backlog"),
      ("net_protocol.handler", "ip_protocol_deliver_rcu", "tcp_v4_rcv"),
    ] {
      let hop = try #require(flush.behind.first { $0.slot == slot })
      let counted = try Self.kvd.get().count {
        $0.contains(";ukl_reply_flush;ukl_write;") && $0.contains(";tcp_sendmsg;")
          && $0.contains(";\(caller);\(callee)")
      }
      #expect(hop.caller == caller && hop.callees[callee] == counted && counted > 10, "\(slot)")
      #expect(hop.evidence == "catalogue")
    }
  }

  @Test func optionsOfUKLAreCountedAsTheStacksShowThem() throws {
    let shortcuts = try Shortcuts(analyzing: "kvd-ukl")
    let advice = Dictionary(uniqueKeysWithValues: shortcuts.advice.map { ($0.option, $0) })
    let stacks = try Self.kvd.get()
    func counted(_ option: String, _ isIt: (String) -> Bool) throws {
      let line = try #require(advice[option])
      #expect(line.samples == stacks.count(where: isIt), "\(option)")
      #expect(abs(line.share - Double(line.samples) / 3295) < 1e-6)
      #expect(line.low95 <= line.share && line.share <= line.high95)
    }
    let lookups = ["__fdget_pos", "__fdget", "__fget_light", "__fget_files"]
    try counted("descriptors of a single thread") { stack in
      lookups.contains { stack.contains(";\($0);") || stack.hasSuffix(";\($0)") }
    }
    try counted("run to completion") { stack in
      stack.contains(";exit_to_user_mode_prepare;schedule")
    }
    // Entry and exit code down to the sampled frame; the frames of 29 samples are the entry alone.
    let entry =
      #/;ukl_entry_SYSCALL_64(;(do_syscall_64|x64_sys_call|syscall_[a-z_]*|exit_to_user_mode_prepare))*$/#
    try counted("UKL_BYP") { $0.contains(entry) }
    #expect(stacks.count { $0 == "UKL;ukl_entry_SYSCALL_64" } == 29)
    try counted("UKL_NSS") { $0.hasSuffix("ukl_entry_SYSCALL_64") }
    #expect(advice["UKL_NSS"]?.against.first?.contains("kvclient 48.16 %") == true)
    #expect(advice["UKL_NSS_PS"]?.against.isEmpty == true)
    #expect(advice["memory from vmalloc"]?.samples == 0)
    #expect(advice["fork and exec"]?.share == 0 && advice["UKL_PF_DF"]?.share == 0)
  }

  /// memcached has its workers and more: descriptors are shared.
  @Test func threadsSpeakAgainstSingleThreadDescriptors() throws {
    let shortcuts = try Shortcuts(analyzing: "memcached-ukl")
    let single = shortcuts.advice.first { $0.option == "descriptors of a single thread" }
    #expect(single?.against.first?.contains("threads, which share the descriptors") == true)
    for option in ["UKL_NSS", "UKL_NSS_PS"] {
      let against = shortcuts.advice.first { $0.option == option }?.against ?? []
      #expect(against.contains { $0.hasSuffix("threads, each of which takes a large stack") })
    }
  }

  /// Counted calls show nothing of time, and the recorder is no part of the load.
  @Test func countedCallsGiveNoAdvice() throws {
    #expect(try Shortcuts(analyzing: "redis-ukl-calls").advice.isEmpty)
    let against = try Shortcuts(analyzing: "redis-linux").advice.flatMap(\.against)
    #expect(against.contains { $0.contains("redis-server 48.00 %") })
    #expect(against.contains { $0.hasPrefix("it forks or executes programs: 0 forks, 9 samples") })
    #expect(!against.contains { $0.contains("perf ") })
  }

  @Test func optionsAreListedInOneOrder() throws {
    let shortcuts = try Shortcuts(analyzing: "redis-ukl")
    #expect(
      shortcuts.advice.map(\.option) == [
        "UKL_BYP", "UKL_RET", "UKL_PF_DF", "UKL_PF_SS", "UKL_NSS", "UKL_NSS_PS",
        "memory from vmalloc", "run to completion", "descriptors of a single thread",
        "fork and exec",
      ])
  }

  /// kvd's folded stacks, one for each sample of the server.
  private static let kvd = Result {
    try Program.run(["fold", Fixture.recording("kvd-ukl"), "--comm", "UKL"]).text
      .split(separator: "\n").flatMap { line -> [String] in
        guard let blank = line.lastIndex(of: " "), let count = Int(line[blank...].dropFirst())
        else { return [] }
        return Array(repeating: String(line[..<blank]), count: count)
      }
  }
}
