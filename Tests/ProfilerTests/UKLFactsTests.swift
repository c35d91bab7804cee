import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// What is known of the bundled recordings from outside: the facts written down when they were made.
@Suite struct UKLFactsTests {
  /// A recording with its kernel's names.
  private func resolve(_ name: String) throws -> (profile: Profile, resolved: ResolvedProfile) {
    let path = FilePath(Place.recording(name).appendingPathComponent("perf.data").path)
    let profile = Profile.read(try PerfDataFile.open(path))
    #expect(profile.health.skippedCount == 0 && profile.health.truncatedAt == nil)
    let kernel = try #require(
      try KernelSymbols.find(
        for: profile, recording: path, kallsyms: nil, vmlinux: nil, buildIDFolders: []))
    #expect(kernel.warnings.isEmpty)
    let symbolizer = Symbolizer(
      kernel: kernel.symbols, search: SymbolSearch(sysroot: "/nonexistent"))
    return (profile, symbolizer.resolve(profile))
  }

  /// The samples of the thread named UKL.
  private func uklRows(_ resolved: ResolvedProfile) -> [WeightedStack] {
    resolved.rows.filter { resolved.comms[$0.comm] == "UKL" }
  }

  private func symbols(_ row: WeightedStack, _ resolved: ResolvedProfile) -> [String] {
    resolved.stacks[row.stack].map { resolved.function($0).symbol }
  }

  /// Inclusive shares of the UKL thread's samples, in per cent.
  static let shares: [(String, Double)] = [
    ("ukl_connSocketRead", 9.47), ("ukl_read", 8.79), ("ksys_read", 8.25), ("vfs_read", 7.37),
    ("sock_read_iter", 6.59), ("inet_recvmsg", 5.97), ("tcp_recvmsg", 5.86),
    ("ukl_connSocketWrite", 42.59), ("ksys_write", 40.72 + 0.41), ("vfs_write", 40.23 + 0.41),
    ("sock_write_iter", 39.53), ("tcp_sendmsg", 39.11), ("ukl_flushAppendOnlyFile", 0.57),
    ("generic_file_write_iter", 0.38),
  ]

  @Test func sharesOfRedis() throws {
    let (_, resolved) = try resolve("redis-ukl")
    let rows = uklRows(resolved)
    let total = rows.reduce(0) { $0 + $1.samples }
    #expect(total == 7405)
    for (symbol, wanted) in Self.shares {
      let weight = rows.filter { symbols($0, resolved).contains(symbol) }.reduce(0) {
        $0 + $1.samples
      }
      let share = 100 * Double(weight) / Double(total)
      #expect(abs(share - wanted) <= 0.3, "\(symbol): \(share) %")
    }
  }

  /// Kernel text resolves whatever the CPU mode says; perf leaves 18.4 % of the samples unknown.
  @Test func nearlyAllFramesResolve() throws {
    let (_, resolved) = try resolve("redis-ukl")
    var (frames, unresolved) = (UInt64(0), UInt64(0))
    for row in uklRows(resolved) {
      for location in resolved.stacks[row.stack] {
        frames += row.samples
        if resolved.function(location).origin == .unresolved { unresolved += row.samples }
      }
    }
    #expect(frames > 50_000)
    #expect(Double(unresolved) < 0.001 * Double(frames), "\(unresolved) of \(frames)")
  }

  /// The wrapper, recorded once in each part of the chain, is one frame.
  @Test(arguments: ["redis-ukl", "kvd-ukl", "memcached-ukl", "zoo-ukl"])
  func wrapperStandsOnce(name: String) throws {
    let (_, resolved) = try resolve(name)
    var joined = 0
    for row in resolved.rows {
      let stack = resolved.stacks[row.stack].map(resolved.function)
      guard let entry = stack.firstIndex(where: { $0.symbol == "ukl_entry_SYSCALL_64" }), entry > 0
      else { continue }
      joined += 1
      #expect(entry < 2 || stack[entry - 1] != stack[entry - 2], "\(stack.map(\.symbol))")
    }
    #expect(joined > 100)
  }

  /// Every call of a tracepoint: counts per call site, exact.
  @Test func callsPerSite() throws {
    let (profile, resolved) = try resolve("redis-ukl-calls")
    let sites: [(String, String, UInt64)] = [
      ("read", "ukl_connSocketRead", 2018), ("read", "ukl_get_proc_stat_ll", 2),
      ("write", "ukl_connSocketWrite", 2001), ("write", "ukl_flushAppendOnlyFile", 236),
    ]
    for (call, site, wanted) in sites {
      let rows = uklRows(resolved).filter {
        profile.eventName($0.event).hasSuffix("sys_enter_\(call)")
          && symbols($0, resolved).contains(site)
      }
      #expect(rows.reduce(0) { $0 + $1.samples } == wanted, "\(site)")
    }
  }

  /// Without frame pointers nothing behind the wrapper is a caller: it is cut, not shown.
  @Test func withoutFramePointersNoCallerIsInvented() throws {
    let (_, resolved) = try resolve("redis-ukl-noframes")
    var (calls, withCaller) = (UInt64(0), UInt64(0))
    for row in uklRows(resolved) {
      let stack = resolved.stacks[row.stack].map(resolved.function)
      guard let entry = stack.firstIndex(where: { $0.symbol == "ukl_entry_SYSCALL_64" }),
        stack[(entry + 1)...].contains(where: { $0.symbol.hasPrefix("ksys_") })
      else { continue }
      calls += row.samples
      if entry > 1 { withCaller += row.samples }
    }
    #expect(calls > 1000)
    #expect(withCaller == 0, "of \(calls)")
  }

  /// After a shortcut the application part behind the leaf is the last real system call's. It is
  /// no caller of the leaf.
  @Test func staleApplicationPartMakesNoEdge() throws {
    let (_, resolved) = try resolve("kvd-ukl-shortcut")
    let leaves: Set = ["tcp_sendmsg", "tcp_sendmsg_locked", "tcp_recvmsg", "tcp_recvmsg_locked"]
    var seen = UInt64(0)
    for row in resolved.rows {
      let stack = symbols(row, resolved)
      seen +=
        stack.contains("shortcut_tcp_sendmsg") || stack.contains("tcp_sendmsg_locked")
        ? row.samples : 0
      for (caller, callee) in zip(stack, stack.dropFirst())
      where ["ukl_write", "ukl_read", "ukl_epoll_wait"].contains(caller) {
        #expect(!leaves.contains(callee), "\(stack)")
      }
    }
    #expect(seen > 100)
    #expect(resolved.stacks.part.contains(.stale))
  }

  /// The same Redis on plain Linux: nothing is joined, nothing cut.
  @Test func plainLinuxIsLeftAsRecorded() throws {
    let (_, resolved) = try resolve("redis-linux")
    let redis = resolved.rows.filter { resolved.comms[$0.comm] == "redis-server" }
    #expect(redis.reduce(0) { $0 + $1.samples } > 1000)
    #expect(redis.allSatisfy { resolved.stacks.part[$0.stack] == .asRecorded })
  }

  /// The compressed recording has as many samples as perf counts in it.
  @Test func compressedRecording() throws {
    let path = Place.recording("redis-ukl-zstd").appendingPathComponent("perf.data")
    let profile = Profile.read(try PerfDataFile.open(FilePath(path.path)))
    #expect(profile.health.isClean)
    guard let perf = Place.tool("perf") else { return skipped("perf is not installed") }
    let stats = try run(perf, ["report", "--stats", "--force", "-i", path.path]).lines
    for (name, count) in profile.counts where name != "COMPRESSED" {
      let line = stats.first { $0.contains(" \(name) events:") }
      let said = line.flatMap { $0.split(separator: " ").compactMap { UInt64($0) }.first }
      #expect(said == count, "\(name): \(line ?? "no line")")
    }
  }
}
