import Foundation
import TestSupport
import Testing

/// kvd before and after two shortcuts by hand.
@Suite struct CompareTests {
  private struct Comparison: Decodable {
    let sites: [String]
    let load: String?
    let differs: Bool?
    let throughput: [Change]
    let prediction: Shortcuts.Prediction?
    let parts: [Part]
    let functions: [Part]
    let counters: [Counter]

    struct Change: Decodable {
      let load: String
      let before: [Double]
      let after: [Double]
      let gain: Double
      let interval: Interval?
    }

    struct Interval: Decodable {
      let low95: Double
      let high95: Double
    }

    struct Part: Decodable {
      let name: String
      let samplesBefore: Int
      let samplesAfter: Int
      let gained: Shortcuts.Estimate
    }

    struct Counter: Decodable {
      let name: String
      let change: Double
    }

    func part(_ name: String) -> Part? { parts.first { $0.name == name } }
  }

  private static let pair = [
    "compare", Fixture.recording("kvd-ukl"), Fixture.recording("kvd-ukl-shortcut"),
  ]

  private func compare(_ more: [String]) throws -> (comparison: Comparison, status: Int32) {
    let result = try Program.run(Self.pair + ["--json"] + more)
    return (
      try JSONDecoder().decode(Comparison.self, from: Data(result.text.utf8)), result.status
    )
  }

  /// throughput.txt: the same runs in both folders, 134 271 and 137 870 among them.
  @Test func throughputIsComparedRunByRun() throws {
    let (comparison, _) = try compare([])
    #expect(comparison.throughput.count == 5)
    let most = try #require(comparison.throughput.first { $0.load == comparison.load })
    #expect(
      most.before == [137_339, 134_271, 134_265] && most.after == [141_174, 137_851, 137_870])
    #expect(most.load.contains("conns=4 pipeline=4") && abs(most.gain - 0.0270) < 0.0005)
    let interval = try #require(most.interval)
    #expect(interval.low95 < most.gain && most.gain < interval.high95)
    #expect(interval.high95 - interval.low95 < 0.005)
    let one = try #require(comparison.throughput.first { $0.load.contains("conns=1 ") })
    #expect(abs(one.gain - (39_326.0 / 38_045 - 1)) < 1e-6 && one.interval == nil)
  }

  /// The two that got a shortcut are found. What was predicted for such shortcuts is near what was
  /// measured; the rest is more than samples' accident, and the exit status says so.
  @Test func predictionMeetsMeasurement() throws {
    let (comparison, status) = try compare(["--policy", "hand-made"])
    #expect(comparison.sites.sorted() == ["client_read.read", "reply_flush.write"])
    #expect(status == (comparison.differs == true ? 1 : 0))
    let gain = try #require(comparison.prediction?.throughput)
    #expect(abs(gain.value - (137_870.0 / 134_271 - 1)) < 0.007)
    let (faithful, differs) = try compare([])
    #expect(faithful.prediction?.policy == "faithful")
    #expect(faithful.differs == true && differs == 1)
  }

  /// The rest, frame by frame. Of a request's time before, all parts together gain what throughput
  /// says. The skipped frames are gone but for samples that belong nowhere, the shortcuts' own code is
  /// 10 + 13 samples, and processes are switched less often: a preempted exit is gone with its call.
  @Test func theRestIsExplained() throws {
    let (comparison, _) = try compare([])
    let gain = try #require(comparison.throughput.first { $0.load == comparison.load }?.gain)
    let sum = comparison.parts.reduce(0) { $0 + $1.gained.value }
    #expect(abs(sum - (1 - 1 / (1 + gain))) < 1e-4)
    let skipped = try #require(comparison.part("skipped"))
    #expect(skipped.samplesBefore > 130 && skipped.samplesAfter <= 2)
    #expect(skipped.gained.low95 > 0.015 && skipped.gained.high95 < 0.03)
    #expect(
      comparison.part("stub")?.samplesAfter == 23 && comparison.part("stub")?.samplesBefore == 0)
    let switching = try #require(comparison.part("scheduler")?.gained)
    let beside = try #require(comparison.part("schedulerBeside")?.gained)
    let waking = try #require(comparison.part("wakeups")?.gained)
    #expect(switching.low95 > 0 && beside.low95 > 0 && waking.low95 > 0)
    // That is more than what the prediction leaves over.
    let predicted = try compare(["--policy", "hand-made"]).comparison.prediction?.machine
    let rest = 1 - 1 / (1 + gain) - (try #require(predicted)).value
    #expect(0 < rest && rest < switching.value + beside.value + waking.value)
    // What didn't get a shortcut didn't change beyond its interval.
    let own = try #require(comparison.part("application"))
    #expect(own.gained.low95 < 0 && 0 < own.gained.high95)
  }

  /// Left over application parts make no difference between functions: each is counted where the
  /// sample lies.
  @Test func functionsAreCountedWhereTheSampleLies() throws {
    let (comparison, _) = try compare([])
    func own(_ name: String) -> [Int]? {
      comparison.functions.first { $0.name == name }.map { [$0.samplesBefore, $0.samplesAfter] }
    }
    #expect(own("sock_read_iter") == [12, 0] && own("shortcut_tcp_sendmsg") == [0, 13])
    #expect(own("tcp_write_xmit") == [59, 55])
  }

  /// Before, the skipped frames stand where they were recorded; what tcp_sendmsg did stands under the
  /// same frame on both sides.
  @Test func theDifferenceCanBeDrawn() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(Self.pair + ["--flamegraph", folder.path + "/difference.svg"])
    #expect(result.text.contains("measured: throughput +2."))
    let svg = try folder.text("difference.svg")
    #expect(svg.contains("[called by a shortcut]") && svg.contains("points, with all it calls"))
    #expect(svg.contains("<title>sock_write_iter\n"))
  }

  @Test func flamegraphTakesABaseline() throws {
    let result = try Program.run(
      ["flamegraph", Fixture.recording("kvd-ukl-shortcut"), "-o", "-", "--diff"]
        + [Fixture.recording("kvd-ukl")])
    #expect(result.status == 0 && result.text.contains("points, with all it calls"))
    #expect(result.text.contains("less of the whole than in"))
  }

  /// Folders of perf stat's output and a benchmark's; no recording.
  @Test func foldersOfCountersAreCompared() throws {
    let folder = try TemporaryFolder()
    for (name, instructions, rate) in [("before", 2000, 100), ("after", 1500, 110)] {
      let path = "\(folder.path)/\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try "\(instructions),,instructions,1,100.00,,\n1000,,cycles,1,100.00,,\n"
        .write(toFile: path + "/perf-stat.csv", atomically: true, encoding: .utf8)
      try "GET: \(rate) requests per second\n"
        .write(toFile: path + "/throughput.txt", atomically: true, encoding: .utf8)
    }
    let paths = ["\(folder.path)/before", "\(folder.path)/after"]
    let result = try Program.run(["compare"] + paths + ["--json"])
    let comparison = try JSONDecoder().decode(Comparison.self, from: Data(result.text.utf8))
    #expect(comparison.counters.map(\.change) == [-0.25, 0, -0.25] && result.status == 0)
    #expect(comparison.throughput.first?.gain == 0.1 && comparison.prediction == nil)
    let empty = try TemporaryFolder()
    let nothing = try Program.run(["compare", empty.path, empty.path])
    #expect(nothing.status == 2 && nothing.stderr.contains("nothing in them to compare"))
    // What needs recordings is not left out in silence.
    for option in [["--flamegraph", "\(empty.path)/x.svg"], ["--site", "f.read"]] {
      let refused = try Program.run(["compare"] + paths + option)
      #expect(refused.status == 2 && refused.stderr.contains("need a recording on both sides"))
    }
  }

  /// Nothing is predicted where no call site is gone, and the rest is compared all the same.
  @Test func recordingBesideItselfHasNoDifference() throws {
    let recording = Place.fixtures.appending(path: "recordings/redis-ukl/perf.data").path
    let result = try Program.run(["compare", recording, recording, "--json"])
    #expect(result.status == 0 && result.stderr.contains("no call site before is gone afterwards"))
    let comparison = try JSONDecoder().decode(Comparison.self, from: Data(result.text.utf8))
    #expect(comparison.prediction == nil && comparison.differs == nil)
    #expect(!comparison.parts.isEmpty && comparison.parts.allSatisfy { $0.gained.value == 0 })
  }

  /// What perf itself wrote, where no hardware counter is: what it did count is compared.
  @Test func realOutputOfPerfStatIsCompared() throws {
    let folder = try TemporaryFolder()
    for (name, file) in [("before", "repeated-plain.txt"), ("after", "repeated-json.txt")] {
      let path = "\(folder.path)/\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: Place.fixtures.appending(path: "perf-stat/\(file)"),
        to: URL(filePath: path + "/stat.txt"))
    }
    let result = try Program.run(["compare", "\(folder.path)/before", "\(folder.path)/after"])
    #expect(result.status == 0, "\(result.stderr)")
    let lines = result.text.split(separator: "\n")
    let faults = try #require(lines.first { $0.contains("page-faults") })
    #expect(faults.contains("81.000  82.000  +1.23 %") && faults.contains("[−0.01 % to +2.48 %]"))
    #expect(!result.text.contains("cycles") && !result.text.contains("seconds"))
  }
}
