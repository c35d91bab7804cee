import Foundation
import TestSupport
import Testing

/// Recordings made live, whole and damaged: only what the damage took is lost. What is there is
/// counted by walking over the records' headers.
@Suite struct DamagedRecordingTests {
  private static let ways = [
    "-e cpu-clock -F 997 -g -o perf.data", "-e '{cpu-clock,task-clock}:S' -F 997 -g -o perf.data",
    "-e syscalls:sys_enter_newfstat,syscalls:sys_enter_getdents64 -o perf.data",
    "-e sched:sched_switch -a -g -o perf.data", "-e cpu-clock -F 997 -g -o -",
  ]

  /// Groups are not inherited: the shell has to work itself.
  private static let load =
    "for i in 1 2 3 4 5 6 7 8 9; do ls -R /usr/lib > /dev/null; done; "
    + "while [ $i -lt 200000 ]; do i=$((i + 1)); done"

  private struct Walk {
    /// Offsets of the SAMPLE records.
    var samples: [Int] = []
    var dataEnd = 0
  }

  /// The headers' own sizes, in a file whose records are not compressed.
  private func walk(_ bytes: [UInt8]) -> Walk {
    func word(_ place: Int, _ size: Int) -> Int {
      bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let isPipe = word(8, 8) == 16
    var place = isPipe ? 16 : word(40, 8)
    var walk = Walk()
    walk.dataEnd = isPipe ? bytes.count : place + word(48, 8)
    while place + 8 <= walk.dataEnd {
      let (type, size) = (word(place, 4), word(place + 6, 2))
      guard size >= 8 else { break }
      if type == 9 { walk.samples.append(place) }
      place += size
      if type == 66 { place += (word(place - 4, 4) + 7) & ~7 }  // tracing data follow
    }
    return walk
  }

  /// Samples by `info`, of all events.
  private func samples(_ bytes: [UInt8], in folder: URL) throws -> Int {
    let file = folder.appendingPathComponent("damaged")
    try Data(bytes).write(to: file)
    let result = try runProgram(["info", "--json", file.path])
    try #require(result.status == 0, "\(result.stderr)")
    struct Info: Decodable {
      let records: [String: Int]
    }
    // Folding goes through it too.
    #expect(try runProgram(["fold", "--raw", "--event", "all", "-q", file.path]).status == 0)
    return try JSONDecoder().decode(Info.self, from: result.stdout).records["SAMPLE"] ?? 0
  }

  @Test(arguments: ways) func onlyTheDamagedIsLost(options: String) throws {
    guard Place.tool("perf") != nil, let shell = Place.tool("sh") else {
      return skipped("perf is not installed")
    }
    try withTemporaryFolder { folder in
      let recorded = try run(
        shell,
        ["-c", "perf record -q \(options) -- sh -c '\(Self.load)' > out"],
        in: folder)
      guard recorded.status == 0 else {
        return skipped("perf can't record '\(options)' here: \(recorded.stderr.prefix(200))")
      }
      let isPipe = options.hasSuffix("-o -")
      let name = isPipe ? "out" : "perf.data"
      let whole = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
      try check(whole, isPipe: isPipe, in: folder)
    }
  }

  private func check(_ whole: [UInt8], isPipe: Bool, in folder: URL) throws {
    let all = walk(whole)
    try #require(all.samples.count > 3)
    #expect(try samples(whole, in: folder) == all.samples.count)
    let middle = all.samples[all.samples.count / 2]
    if !isPipe {
      var killed = whole
      killed.replaceSubrange(48..<56, with: [UInt8](repeating: 0, count: 8))
      #expect(try samples(Array(killed[..<all.dataEnd]), in: folder) == all.samples.count)
    }
    // Cut inside a sample.
    #expect(try samples(Array(whole[..<(middle + 12)]), in: folder) == all.samples.count / 2)
    // A header that is none: the one sample is lost.
    var corrupted = whole
    corrupted.replaceSubrange(middle..<middle + 8, with: [UInt8](repeating: 0xff, count: 8))
    #expect(try samples(corrupted, in: folder) == all.samples.count - 1)
  }

  /// How many chains perf drops because a word of them looks like a marker (docs/PERF-DIFFERENCES.md):
  /// of those it has the thread's name alone.
  ///
  /// - Returns: nil where the stacks differ in anything else.
  private func lostChains(_ ours: [String], _ perfs: [String]) -> Int? {
    func counts(_ lines: [String]) -> [String: Int] {
      lines.reduce(into: [:]) { counts, line in
        let space = line.lastIndex(of: " ") ?? line.startIndex
        counts[String(line[..<space]), default: 0] += Int(line[space...].dropFirst()) ?? 0
      }
    }
    var kept: [String: Int] = [:]
    let (ours, perfs) = (counts(ours), counts(perfs))
    for stack in Set(ours.keys).union(perfs.keys) {
      let more = ours[stack, default: 0] - perfs[stack, default: 0]
      guard stack.contains(";") ? more >= 0 : more <= 0 else { return nil }
      kept[String(stack.prefix { $0 != ";" }), default: 0] += more
    }
    // Each kept chain is one that perf has without frames.
    guard kept.values.allSatisfy({ $0 == 0 }) else { return nil }
    return perfs.reduce(0) { $0 + ($1.key.contains(";") ? 0 : $1.value - ours[$1.key, default: 0]) }
  }

  /// Each file of `--switch-output` is a recording of its own.
  @Test func switchedOutputIsPerfs() throws {
    guard Place.tool("perf") != nil, let shell = Place.tool("sh") else {
      return skipped("perf is not installed")
    }
    guard let tool = Place.shared?.appendingPathComponent("tools/perf-script-fold"),
      let python = Place.tool("python3")
    else { return skipped("no tools/perf-script-fold beside the checkout") }
    try withTemporaryFolder { folder in
      let recorded = try run(
        shell,
        [
          "-c",
          "perf record -q -e cpu-clock -F 9999 -g --switch-output=400K -o perf.data "
            + "sh -c 'for i in 1 2 3 4 5 6 7 8 9; do ls -R /usr/lib; done' > /dev/null",
        ], in: folder)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasPrefix("perf.data.") }.sorted()
      guard recorded.status == 0, !files.isEmpty else {
        return skipped("perf record does not work here: \(recorded.stderr)")
      }
      for file in files {
        let path = folder.appendingPathComponent(file).path
        let perfs = try run(python, [tool.path, path, "--raw"])
        let ours = try runProgram(["fold", "--raw", path])
        #expect(lostChains(ours.lines, perfs.lines) != nil, "\(file)")
      }
    }
  }
}
