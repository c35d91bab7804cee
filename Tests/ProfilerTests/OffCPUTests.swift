import Foundation
import TestSupport
import Testing

/// `fold --off-cpu` on recordings made live, against what perf prints of each switch; of all CPUs, so
/// that one recording would see another's program.
@Suite(.serialized) struct OffCPUTests {
  /// Waits in three places: a sleep, a pipe, a lock.
  private static let program = """
    #include <pthread.h>
    #include <time.h>
    #include <unistd.h>
    static int ends[2];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    __attribute__((noinline)) void nap(void) {
      struct timespec t = {0, 20000000};
      nanosleep(&t, 0);
      __asm__ volatile("");
    }
    __attribute__((noinline)) void *reader(void *unused) {
      char byte;
      while (read(ends[0], &byte, 1) == 1);
      return unused;
    }
    int main(void) {
      pthread_t thread;
      if (pipe(ends)) return 1;
      pthread_create(&thread, 0, reader, 0);
      for (int i = 0; i < 10; i++) { nap(); if (write(ends[1], "x", 1) != 1) return 1; }
      close(ends[1]);
      pthread_join(thread, 0);
      pthread_mutex_lock(&lock);
      return 0;
    }
    """

  /// Records the program with a way to record; nil, with the reason said, where that fails.
  private func record(
    in folder: URL, _ options: String, _ test: String = #function
  ) throws -> URL? {
    guard let gcc = Place.tool("gcc"), Place.tool("perf") != nil, let shell = Place.tool("sh")
    else {
      skipped("gcc or perf is not installed", test)
      return nil
    }
    try Data(Self.program.utf8).write(to: folder.appendingPathComponent("waits.c"))
    let built = try run(
      gcc, ["-O0", "-fno-omit-frame-pointer", "-pthread", "-o", "waits", "waits.c"], in: folder)
    try #require(built.status == 0, "\(built.stderr)")
    let recorded = try run(shell, ["-c", "perf record -q \(options) ./waits > out"], in: folder)
    guard recorded.status == 0 else {
      skipped("perf can't record sched:sched_switch here: \(recorded.stderr.prefix(200))", test)
      return nil
    }
    return folder.appendingPathComponent(options.hasSuffix("-o -") ? "out" : "perf.data")
  }

  private struct Sample {
    let time: UInt64
    let thread: Int
    /// Of a switch: who runs next.
    let next: Int?
    let stack: String
  }

  /// What perf prints: `comm pid/tid sec.nsec: sched:sched_switch: … prev_pid=1 … next_pid=2 …`, then
  /// the stack, an address a line.
  private func perfsSamples(_ file: URL) throws -> [Sample] {
    let perf = try #require(Place.tool("perf"))
    let text = try run(
      perf, ["script", "-i", file.path, "--ns", "-F", "comm,tid,time,event,trace,ip"]
    ).text
    return text.components(separatedBy: "\n\n").compactMap { block in
      let lines = block.split(separator: "\n")
      guard let first = lines.first,
        let match = first.firstMatch(of: #/^\s*(.*?)\s+(-?\d+)\s+(\d+)\.(\d+): /#),
        let thread = Int(match.2), let seconds = UInt64(match.3), let rest = UInt64(match.4)
      else { return nil }
      let change = first.firstMatch(of: /sched_switch: .*prev_pid=(\d+).*next_pid=(\d+)/)
      let comm = String(match.1).replacing(" ", with: "_").replacing(";", with: ":")
      let addresses = lines.dropFirst().map { line in
        // In pipe mode perf adds the symbols.
        "0x\(line.drop { $0.isWhitespace }.prefix { !$0.isWhitespace })"
      }
      return Sample(
        time: seconds * 1_000_000_000 + rest, thread: change.flatMap { Int($0.1) } ?? thread,
        next: change.flatMap { Int($0.2) },
        stack: ([comm] + addresses.reversed()).joined(separator: ";"))
    }
  }

  /// The waits by stack, in nanoseconds, from perf's text. The kernel loses some switches of idle
  /// tasks: then the thread's next sample ends the wait, if it stops again before it is switched in.
  private func perfsWaits(_ file: URL) throws -> [String: [UInt64]] {
    var waits: [String: [UInt64]] = [:]
    var waiting: [Int: (since: Sample, seen: UInt64?)] = [:]
    func end(_ wait: (since: Sample, seen: UInt64?)?, _ time: UInt64?) {
      guard let wait, let time else { return }
      waits[wait.since.stack, default: []].append(time - wait.since.time)
    }
    let order = try perfsSamples(file).enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    for (_, sample) in order {
      guard let next = sample.next else {
        if waiting[sample.thread]?.seen == nil { waiting[sample.thread]?.seen = sample.time }
        continue
      }
      end(waiting.removeValue(forKey: next), sample.time)
      guard sample.thread != 0 else { continue }
      let lost = waiting.updateValue((sample, nil), forKey: sample.thread)
      end(lost, lost?.seen ?? sample.time)
    }
    for wait in waiting.values { end(wait, wait.seen) }
    return waits
  }

  static let ways = [
    "-a -g -e sched:sched_switch -o perf.data", "-a -g -e sched:sched_switch -z -o perf.data",
    "-a -g -e sched:sched_switch,cpu-clock -o -",
    "-g -e sched:sched_switch -o perf.data",
  ]

  @Test(arguments: ways) func waitsArePerfs(options: String) throws {
    try withTemporaryFolder { folder in
      guard let file = try record(in: folder, options) else { return }
      let waits = try perfsWaits(file)
      try #require(!waits.isEmpty)
      for (weight, sum) in [
        ("samples", { UInt64($0.count) }), ("period", { $0.reduce(0, +) }),
      ] as [(String, ([UInt64]) -> UInt64)] {
        let ours = try runProgram(
          ["fold", "--raw", "--off-cpu", "--comm", "waits", "--weight", weight, file.path])
        try #require(ours.status == 0, "\(ours.stderr)")
        let perfs = waits.filter { $0.key.hasPrefix("waits;") }
          .map { "\($0.key) \(sum($0.value))" }.filter { !$0.hasSuffix(" 0") }
        #expect(ours.lines == perfs.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
      }
    }
  }

  @Test func recordingsWithoutSwitchesAreRefused() throws {
    let file = Place.recording("redis-linux").appendingPathComponent("perf.data").path
    let result = try runProgram(["fold", "--off-cpu", file])
    #expect(result.status == 2)
    #expect(result.stderr.contains("no event sched:sched_switch"), "\(result.stderr)")
  }
}
