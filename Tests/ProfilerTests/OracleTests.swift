import Foundation
import TestSupport
import Testing

/// The built program against perf, on real recordings.
@Suite struct OracleTests {
  static let recordings = [
    "kvd-ukl", "kvd-ukl-shortcut", "memcached-ukl", "redis-linux", "redis-ukl",
    "redis-ukl-calls", "redis-ukl-noframes", "redis-ukl-zstd", "zoo-ukl", "zoo-ukl-calls",
  ]

  /// Folded stacks by `perf script`; nil, with the reason said, where that can't be had.
  private func perfFold(
    _ recording: URL, _ options: [String], _ test: String = #function
  ) throws -> [String]? {
    guard let tool = Place.shared?.appendingPathComponent("tools/perf-script-fold"),
      FileManager.default.fileExists(atPath: tool.path)
    else {
      skipped("no tools/perf-script-fold beside the checkout", test)
      return nil
    }
    guard Place.tool("perf") != nil, let python = Place.tool("python3") else {
      skipped("perf or python3 is not installed", test)
      return nil
    }
    let result = try run(python, [tool.path, recording.path] + options)
    try #require(result.status == 0, "\(result.stderr)")
    return result.lines
  }

  private func fold(_ recording: URL, _ options: [String]) throws -> [String] {
    let result = try runProgram(["fold", recording.path] + options)
    try #require(result.status == 0, "\(result.stderr)")
    return result.lines
  }

  /// Lines that are in one list only, for a message that can be read.
  private func difference(_ ours: [String], _ perfs: [String]) -> String {
    let (a, b) = (Set(ours), Set(perfs))
    return
      (ours.filter { !b.contains($0) }.prefix(3).map { "ours:  \($0)" }
      + perfs.filter { !a.contains($0) }.prefix(3).map { "perf's: \($0)" }).joined(separator: "\n")
  }

  @Test(arguments: recordings) func rawStacksArePerfs(name: String) throws {
    let file = Place.recording(name).appendingPathComponent("perf.data")
    guard let perfs = try perfFold(file, ["--raw"]) else { return }
    let ours = try fold(file, ["--raw"])
    #expect(!perfs.isEmpty)
    #expect(ours == perfs, "\(difference(ours, perfs))")
  }

  /// Names on plain Linux, line for line. One difference is perf's mistake: it looks return
  /// addresses up without going back into the call, so ld.so's `_start`, whose call of `_dl_start`
  /// is its last instruction, shows as the symbol behind it.
  @Test func namesArePerfs() throws {
    let folder = Place.recording("redis-linux")
    let file = folder.appendingPathComponent("perf.data")
    try withTemporaryFolder { scratch in
      let kallsyms = scratch.appendingPathComponent("kallsyms")
      guard let gzip = Place.tool("gzip") else { return skipped("gzip is not installed") }
      try run(gzip, ["-dc", folder.appendingPathComponent("kallsyms.gz").path]).stdout
        .write(to: kallsyms)
      guard let perfs = try perfFold(file, ["--kallsyms", kallsyms.path]) else { return }
      let ours = try fold(file, ["--no-inline", "--kallsyms", kallsyms.path])
      #expect(ours != [] && ours.count == perfs.count)
      #expect(Set(ours) == Set(perfs.map(returnsCorrected)), "\(difference(ours, perfs))")
    }
  }

  /// The documented substitution, in a frame that has a callee and nowhere else.
  private func returnsCorrected(_ line: String) -> String {
    line.replacing(";_dl_start_user;", with: ";_start;")
  }

  /// Recursion, threads with blanks and semicolons in their names, fork and exec.
  static let program = """
    #define _GNU_SOURCE
    #include <pthread.h>
    #include <sys/wait.h>
    #include <unistd.h>
    static volatile unsigned long sink;
    __attribute__((noinline)) void spin(int n) { for (int i = 0; i < n * 1000000; i++) sink += i; }
    __attribute__((noinline)) void recurse(int depth) {
      if (depth) recurse(depth - 1); else spin(30);
      sink++;
    }
    __attribute__((noinline)) void *worker(void *name) {
      pthread_setname_np(pthread_self(), name);
      recurse(5);
      return 0;
    }
    int main(int argc, char **argv) {
      (void)argv;
      if (argc > 1) { spin(30); return 0; }
      pthread_t a, b;
      pthread_create(&a, 0, worker, "one two 3");
      pthread_create(&b, 0, worker, "semi;colon");
      pid_t child = fork();
      if (!child) { recurse(2); execl("/proc/self/exe", "exec'd", "x", (char *)0); _exit(1); }
      pthread_join(a, 0);
      pthread_join(b, 0);
      waitpid(child, 0, 0);
      spin(20);
      return 0;
    }
    """

  /// Compiles and records the program; nil, with the reason said, where that is not possible.
  private func record(
    in folder: URL, _ options: [String] = ["-e", "cpu-clock", "-g"], _ test: String = #function
  ) throws -> URL? {
    guard let gcc = Place.tool("gcc"), let perf = Place.tool("perf") else {
      skipped("gcc or perf is not installed", test)
      return nil
    }
    let source = folder.appendingPathComponent("prog.c")
    try Data(Self.program.utf8).write(to: source)
    let built = try run(
      gcc,
      ["-O0", "-fno-omit-frame-pointer", "-pthread", "-o", "prog", "prog.c"], in: folder)
    try #require(built.status == 0, "\(built.stderr)")
    let recorded = try run(
      perf,
      ["record", "-q", "-F", "997", "-o", "perf.data"] + options + ["--", "./prog"], in: folder)
    guard recorded.status == 0 else {
      skipped("perf record does not work here: \(recorded.stderr)", test)
      return nil
    }
    return folder.appendingPathComponent("perf.data")
  }

  @Test func liveRecordingIsPerfs() throws {
    try withTemporaryFolder { folder in
      guard let file = try record(in: folder), let raw = try perfFold(file, ["--raw"]) else {
        return
      }
      let ours = try fold(file, ["--raw"])
      #expect(ours == raw, "\(difference(ours, raw))")
      let kallsyms = folder.appendingPathComponent("symbols")
      let cat = try #require(Place.tool("cat"))
      try run(cat, ["/proc/kallsyms"]).stdout.write(to: kallsyms)
      guard let perfs = try perfFold(file, ["--kallsyms", kallsyms.path]) else { return }
      let names = try fold(file, ["--no-inline", "--kallsyms", kallsyms.path])
      #expect(Set(names) == Set(perfs.map(returnsCorrected)), "\(difference(names, perfs))")
      // What the program does, whatever perf says.
      let deep = "worker" + String(repeating: ";recurse", count: 6) + ";spin"
      for thread in ["one_two_3;", "semi:colon;"] {
        #expect(names.contains { $0.hasPrefix(thread) && $0.contains(deep) }, "\(names)")
      }
      #expect(
        names.contains { $0.hasPrefix("prog;") && $0.contains("main;recurse;recurse;recurse;spin") }
      )
      #expect(names.contains { $0.hasPrefix("exe;") && $0.contains("main;spin") })
    }
  }

  /// All lines, but for unwound stacks those of the program that was executed anew: perf unwinds these
  /// with what was mapped before.
  private func comparable(_ lines: [String], _ options: [String]) -> [String] {
    let isUnwound = options.contains { $0.hasPrefix("dwarf") }
    return isUnwound ? lines.filter { !$0.hasPrefix("exe;") } : lines
  }

  /// Ways to record, by perf's options. perf reads all of them itself.
  static let ways = [
    ["-e", "cpu-clock", "-g", "-z"], ["-e", "cpu-clock", "-g", "--threads"],
    ["-e", "{cpu-clock,task-clock}:S", "-g"], ["-e", "cpu-clock,task-clock", "-g"],
    ["-e", "cpu-clock", "-g", "--buildid-mmap"],
    ["-e", "cpu-clock", "--call-graph", "dwarf"],
    ["-e", "cpu-clock", "--call-graph", "dwarf,16384", "-z"],
    ["-e", "cpu-clock"],
  ]

  @Test(arguments: ways) func everyWayToRecord(options: [String]) throws {
    try withTemporaryFolder { folder in
      guard let file = try record(in: folder, options) else { return }
      for more in [["--weight", "samples"], ["--weight", "period"]] {
        guard let perfs = try perfFold(file, ["--raw"] + more) else { return }
        let ours = try fold(file, ["--raw"] + more)
        let (a, b) = (comparable(ours, options), comparable(perfs, options))
        #expect(a != [] && a == b, "\(difference(a, b))")
        #expect(try fold(file, ["--raw", "--threads", "1"] + more) == ours)
      }
      guard let perfs = try perfFold(file, ["--raw", "--event", "ALL"]) else { return }
      let all = try fold(file, ["--raw", "--event", "all"])
      let (a, b) = (comparable(all, options), comparable(perfs, options))
      #expect(a == b, "\(difference(a, b))")
    }
  }

  /// Branch stacks as `perf script` prints them, `from/to/flags` each, the newest first.
  @Test func branchStacksArePerfs() throws {
    guard let perf = Place.tool("perf") else { return skipped("perf is not installed") }
    guard let shared = Place.shared else { return skipped("no recordings beside the checkout") }
    let file = shared.appendingPathComponent("fixtures/perfdata/perf.data.branch-4.14")
    var counts: [String: Int] = [:]
    for line in try run(perf, ["script", "-i", file.path, "-F", "comm,brstack"]).lines
    where line.contains("/") {
      let words = line.split(separator: " ").map(String.init)
      let branches = words.filter { $0.hasPrefix("0x") }.map { $0.split(separator: "/") }
        .filter { $0[0] != "0x0" }
      let frames = [branches[0][1]] + branches.map { $0[0] }
      counts[([words[0][...]] + frames.reversed()).joined(separator: ";"), default: 0] += 1
    }
    try #require(!counts.isEmpty)
    let ours = try fold(file, ["--raw", "--branch-stack"])
    #expect(Set(ours) == Set(counts.map { "\($0.key) \($0.value)" }))
  }

  /// The magic of the first perfs: perf still reads it where attributes are as short as then, and so
  /// do we.
  @Test func oldMagicIsRead() throws {
    guard let shared = Place.shared else { return skipped("no shared folder beside the checkout") }
    try withTemporaryFolder { folder in
      var bytes = try Data(
        contentsOf: shared.appendingPathComponent("fixtures/perfdata/perf.data.singleprocess-3.4"))
      bytes.replaceSubrange(0..<8, with: Data("PERFFILE".utf8))
      let file = folder.appendingPathComponent("perf.data")
      try bytes.write(to: file)
      guard let perfs = try perfFold(file, ["--raw"]) else { return }
      #expect(!perfs.isEmpty)
      #expect(try fold(file, ["--raw"]) == perfs)
    }
  }
}
