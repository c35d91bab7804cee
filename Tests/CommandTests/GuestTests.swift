import Foundation
import TestSupport
import Testing

/// What the kernel's image proves of recordings made live in Debian's kernels, moved as they boot:
/// the tables, leaves that no catalogue lists, calls by descriptor, call sites.
@Suite(.serialized) struct GuestTests {
  /// Member for member what was read out of a running 6.1; of both at least so many of a structure.
  @Test(arguments: ["6.1", "6.12"]) func tablesAreThoseOfTheRunningKernel(series: String) throws {
    guard Lab.isThere() else { return }
    let folder = try TemporaryFolder()
    try Lab.run("boot", ["--output", folder.path, "--kernel", series, Lab.script("symbols")])
    let image = try Lab.image(series)
    let run = try Program.run(["ops", image, "--kallsyms", "\(folder.path)/kallsyms.gz", "--json"])
    let tables = try JSONDecoder().decode([Table].self, from: run.stdout)
    func count(_ structure: String) -> Int { tables.count { $0.structure == structure } }
    #expect(count("proto_ops") >= 15 && count("proto") >= 13 && count("file_operations") >= 370)
    guard series == "6.1" else { return }
    let record = try String(
      contentsOfFile: "\(Fixture.root)/kernel/ops-tables-6.1.txt", encoding: .utf8)
    var wanted: [String: [String]] = [:]
    var table = ""
    for line in record.split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      if line.first != " " {
        table = "\(fields[0]) \(fields[1])"
      } else {
        wanted[table, default: []].append(fields.joined(separator: " "))
      }
    }
    #expect(wanted.count == 7)
    for (name, members) in wanted {
      let table = tables.first { "\($0.structure) \($0.name)" == name }
      #expect(table?.members.map { "+\($0.offset) \($0.name) \($0.function)" } == members)
    }
  }

  /// Each site's leaf stands in no list, or has another name than what lists have there.
  @Test(
    arguments: [
      ("hash_put", "write", "hash_sendmsg", "proto_ops.sendmsg", "algif_hash_ops"),
      ("hash_get", "read", "hash_recvmsg", "proto_ops.recvmsg", "algif_hash_ops"),
      ("tipc_put", "sendto", "tipc_sendstream", "proto_ops.sendmsg", "stream_ops"),
      ("tipc_get", "recvfrom", "tipc_recvstream", "proto_ops.recvmsg", "stream_ops"),
      (
        "environment_get", "pread64", "environ_read", "file_operations.read",
        "proc_environ_operations"
      ),
      ("mark_put", "write", "tracing_mark_write", "file_operations.write", "tracing_mark_fops"),
      ("log_get", "read", "devkmsg_read", "file_operations.read", "kmsg_fops"),
    ] as [(String, String, String, String, String)])
  func leavesAreFoundByTheirSlots(
    site: String, call: String, leaf: String, slot: String, table: String
  ) throws {
    guard Lab.isThere() else { return }
    let found = try #require(try Self.analysis().candidate(site, call))
    #expect(found.leaves.keys.sorted() == [leaf] && found.verdict != "shortcut")
    let hop = try #require(found.hops.last)
    #expect(hop.callee == leaf && hop.slot == slot && hop.table == table)
    // 6.1's sock_recvmsg ends in a jump through the slot.
    #expect(hop.call == (slot == "proto_ops.recvmsg" ? "tail" : "indirect"))
    #expect(hop.evidence == "image")
    if slot == "proto_ops.recvmsg" {
      #expect(found.trunk.last?.function == "sock_recvmsg" && found.trunk.last?.recovered == true)
      #expect((found.trunk.last?.inclusive ?? 0) >= found.leaves.values.reduce(0, +))
    }
  }

  /// As many calls on each descriptor as perf prints of them; where they end, by samples in them.
  @Test func callsAreCountedByDescriptorAndLeaf() throws {
    guard Lab.isThere() else { return }
    let analysis = try Self.analysis()
    let printed = try Program.run(
      "perf",
      ["script", "-i", "\(try Self.recording())/perf.data"]
        + ["--comm", "descriptors", "-F", "comm,event,trace"])
    func calls(_ descriptor: Int) -> Int {
      let field = "fd: 0x" + String(format: "%08x,", descriptor)
      return printed.lines.count { $0.contains(field) && $0.contains("buf: ") }
    }
    let zero = try #require(try Self.descriptor("zero"))
    let pipe = try #require(try Self.descriptor("pipe_end"))
    let both = try #require(analysis.candidate("pipe_or_zero_get", "read"))
    let counts = try #require(both.descriptors?.values)
    #expect(Set(counts.map(\.value)) == [zero, pipe] && !both.monomorphic)
    for count in counts {
      let leaf = count.value == zero ? "read_zero" : "pipe_read"
      #expect(count.calls == calls(count.value) && count.calls >= Self.rounds)
      let samples = try #require(count.leaves?[leaf])
      #expect(count.leaves?.count == 1 && both.callsByLeaf?[leaf] == count.calls)
      // All of n samples bound the share from below by 0.05^(1/n).
      let bound = pow(0.05, 1 / Double(samples))
      #expect(abs((count.monomorphicLowerBound95 ?? 0) - bound) < 1e-6)
    }
    let read = try #require(analysis.systemCalls.first { $0.syscall == "read" })
    #expect(read.callsByLeaf?["pipe_read"] == calls(pipe))
  }

  /// By the compiler's line table; what it put into the caller is named.
  @Test func callSitesHaveFileLineAndColumn() throws {
    guard Lab.isThere() else { return }
    let analysis = try Self.analysis()
    let source = try String(
      contentsOfFile: "\(Fixture.root)/guest/descriptors.c", encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    for (function, call, text, inlined) in [
      ("hash_get", "read", "read(fd, buffer, 32)", nil),
      ("mark_put", "write", "write(fd, \"round\"", nil),
      ("pipe_or_zero_get", "read", "read(fd, buffer, 64)", ["checked_read"]),
    ] as [(String, String, String, [String]?)] {
      let site = try #require(analysis.candidate(function, call)?.site)
      let row = try #require(lines.firstIndex { $0.contains(text) })
      let column = lines[row].range(of: text).map {
        lines[row].distance(from: lines[row].startIndex, to: $0.lowerBound) + 1
      }
      #expect(site.file?.hasSuffix("guest/descriptors.c") == true)
      #expect(site.line == row + 1 && site.column == column && site.inlined == inlined)
    }
  }

  /// ORC's call chains have no frames of functions that end in a jump. What comes back of them makes
  /// the way that 6.1's function tracer shows (ksys_read, vfs_read, sock_read_iter, sock_recvmsg,
  /// inet_recvmsg; ksys_write, vfs_write, sock_write_iter, __sock_sendmsg, inet_sendmsg, helpers
  /// left out), below the system call's own function.
  @Test(
    arguments: [
      (
        "tcp_get", "read", ["ksys_read", "vfs_read", "sock_read_iter", "sock_recvmsg"],
        "inet_recvmsg", "tcp_recvmsg"
      ),
      (
        "tcp_put", "write", ["ksys_write", "vfs_write", "sock_write_iter", "__sock_sendmsg"],
        "inet_sendmsg", "tcp_sendmsg"
      ),
    ] as [(String, String, [String], String, String)])
  func trunksAreAsTheFunctionTracerHasThem(
    site: String, call: String, upper: [String], lowest: String, leaf: String
  ) throws {
    guard Lab.isThere() else { return }
    let found = try #require(try Self.analysis().candidate(site, call))
    #expect(found.leaf == leaf && found.monomorphic)
    let own = "__x64_sys_\(call)"
    #expect(found.trunk.map(\.function) == [own] + upper + [lowest])
    let recovered = Set(found.trunk.filter { $0.recovered == true }.map(\.function))
    #expect(recovered.contains(own))
    #expect(recovered.contains("sock_recvmsg") == (call == "read"))
    #expect(recovered.contains("inet_sendmsg") == (call == "write"))
  }

  /// Debian's libc has no frames: what makes the calls is hidden, and told by main's code.
  @Test func sitesThatShareAHiddenCallerAreSaid() throws {
    guard Lab.isThere() else { return }
    let analysis = try Self.analysis(of: "frameless")
    let site = try #require(analysis.candidate("main", "read")?.site)
    let makers = ["hash_get", "log_get", "pipe_or_zero_get", "tcp_get"]
    #expect(site.heldBy.map(makers.contains) == true)
    #expect(site.file?.hasSuffix("guest/descriptors.c") == true)
    let note = try #require(
      analysis.notes.first { $0.hasPrefix("main.read is several call sites, in ") })
    #expect(makers.allSatisfy(note.contains))
    #expect(analysis.candidate("main", "sendto")?.site.heldBy == "tipc_put")
  }

  private struct Table: Decodable {
    struct Member: Decodable {
      let name: String
      let offset: Int
      let function: String
    }
    let structure: String
    let name: String
    let members: [Member]
  }

  static let rounds = 400

  /// The number that the recorded program printed beside a name.
  private static func descriptor(_ name: String) throws -> Int? {
    let output = try String(contentsOfFile: "\(recording())/output.txt", encoding: .utf8)
    for line in output.split(separator: "\n") {
      let words: [Substring] = line.split(separator: " ")
      if words.count == 2, words[0] == name { return Int(words[1]) }
    }
    return nil
  }

  /// `guest/descriptors.c` under perf in Debian's 6.1, made once.
  private static func recording() throws -> String { try made.get().path }

  private static let made = Result<TemporaryFolder, any Error> {
    let folder = try TemporaryFolder()
    let flags = ["-g", "-O2", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer", "-static"]
    for (program, sources) in [
      ("descriptors", ["descriptors.c", "wrappers.c"]), ("frameless", ["descriptors.c"]),
    ] {
      let files = sources.map { "\(Fixture.root)/guest/\($0)" }
      let compiled = try Program.run("gcc", flags + ["-o", "\(folder.path)/\(program)"] + files)
      guard compiled.status == 0 else { throw ToolMissing("gcc: \(compiled.stderr)") }
    }
    try Lab.run(
      "record",
      [
        "--output", folder.path, "--kernel", "6.1", "--keep-sysroot",
        "--file", "\(folder.path)/descriptors:/usr/bin/descriptors",
        "--file", "\(folder.path)/frameless:/usr/bin/frameless", "--perf-args",
        "-a -g -e cpu-clock/freq=10000/ -e syscalls:sys_enter_read -e syscalls:sys_enter_write",
        "--", "\(Fixture.root)/guest/descriptors.sh", "\(rounds)",
      ])
    return folder
  }

  private static func analysis() throws -> Shortcuts { try analysed.get() }

  private static let analysed = Result<Shortcuts, any Error> { try analysis(of: "descriptors") }

  private static func analysis(of program: String) throws -> Shortcuts {
    let folder = try recording()
    let run = try Program.run([
      "analyze", "\(folder)/perf.data", "--kernel", try Lab.image("6.1"), "--sysroot",
      "\(folder)/sysroot", "--comm", program, "--json", "--output", "\(folder)/out",
    ])
    return try Shortcuts(run.text)
  }
}
