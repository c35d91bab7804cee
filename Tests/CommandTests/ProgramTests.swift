import Foundation
import TestSupport
import Testing

/// The contract of the command line: outputs, errors, exit codes.
@Suite struct ProgramTests {
  @Test(arguments: ["analyze", "info", "fold", "flamegraph", "callgraph"])
  func helpHasAnExample(command: String) throws {
    let help = try Program.run(["help", command])
    #expect(help.status == 0 && help.text.contains("ukl-shortcut \(command) perf.data"))
  }

  @Test func helpOfApplyHasAnExample() throws {
    let help = try Program.run(["help", "apply"])
    #expect(help.status == 0 && help.text.contains("ukl-shortcut apply ukl-shortcut.out --kernel"))
  }

  @Test(arguments: [
    ["fold"], ["nonsense"], ["fold", "x", "--weight", "grams"], ["fold", "x", "--time", "2,1"],
    ["analyze", "x", "--min-saving", "101"], ["flamegraph", "x", "-o", "x.html"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    #expect(try Program.run(arguments).status == 64)
  }

  @Test(arguments: ["fold", "info", "analyze", "callgraph"])
  func anInputThatIsNoRecordingIs2AndOneLine(command: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/text.data"
    try "not a recording at all\n".write(toFile: path, atomically: true, encoding: .utf8)
    let result = try Program.run([command, path])
    #expect(result.status == 2 && result.text.isEmpty)
    #expect(result.stderr.hasPrefix("error: \(path): not a perf.data file"))
    #expect(result.stderr.split(separator: "\n").count == 1)
  }

  @Test(arguments: ["/nonexistent/perf.data", "/", "/dev/null"])
  func whatCannotBeReadIs2(path: String) throws {
    let result = try Program.run(["info", path])
    #expect(result.status == 2 && result.stderr.hasPrefix("error: \(path): "))
  }

  /// The heap begins with address space for huge pages; where there isn't as much, it does without.
  @Test func littleAddressSpaceIsEnough() throws {
    let program = try #require(Place.program)
    let recording = Fixture.recording("redis-ukl")
    let limited = "ulimit -v 250000 && exec \"$0\" fold --quiet \"$1\""
    let little = try Program.run("sh", ["-c", limited, program.path, recording])
    #expect(little.status == 0, "\(little.stderr)")
    #expect(try little.text == Program.run(["fold", "--quiet", recording]).text)
  }

  @Test func anEmptyFileSaysSo() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.path + "/empty"))
    let result = try Program.run(["info", folder.path + "/empty"])
    #expect(result.status == 2 && result.stderr.contains("empty"))
  }

  @Test func unknownNamesAreAnsweredWithWhatThereIs() throws {
    let event = try Program.run(["fold", Fixture.recording("redis-ukl"), "--event", "cycles"])
    #expect(event.status == 2 && event.stderr.contains("cpu-clock"))
    let comm = try Program.run(["analyze", Fixture.recording("redis-ukl"), "--comm", "nginx"])
    #expect(comm.status == 2 && comm.stderr.contains("redis-benchmark"))
  }

  @Test func theSameInputGivesTheSameBytes() throws {
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    for folder in [first, second] {
      let result = try Program.run(
        ["analyze", Fixture.recording("kvd-ukl"), "--output", folder.path, "--quiet"])
      #expect(result.status == 0)
    }
    let difference = try Program.run("diff", ["-r", first.path, second.path])
    #expect(difference.status == 0, "\(difference.text)")
  }

  @Test func writesEverythingItPromises() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(
      ["analyze", Fixture.recording("redis-ukl"), "--output", folder.path])
    for name in [
      "report.md", "report.html", "shortcuts.json", "flamegraph.svg", "kernel/ukl-shortcuts.patch",
      "kernel/net/ipv4/ukl_shortcut_tcp.c", "kernel/include/linux/ukl_shortcut.h",
      "app/ukl_shortcut.h", "app/redef_sym_names",
    ] { #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(name)"), "\(name)") }
    #expect(result.text.contains("report: \(folder.path)/report.md"))
    #expect(result.stderr.contains("kallsyms.gz"))
    let report = try folder.text("report.md")
    #expect(report.contains("`connSocketRead`") && report.contains("redis-benchmark"))
  }

  /// What saves less than asked for is small, and nothing small gets code.
  @Test func minimumSavingDecides() throws {
    let folder = try TemporaryFolder()
    let shortcuts = try Shortcuts(
      analyzing: "redis-ukl", ["--min-saving", "5", "--output", folder.path])
    #expect(shortcuts.ids("shortcut").isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/kernel"))
  }

  @Test func infoCountsRecords() throws {
    struct Info: Decodable {
      let mode: String
      let records: [String: Int]
      let machine: [String: Machine?]
      enum Machine: Decodable {
        case any
        init(from decoder: any Decoder) { self = .any }
      }
    }
    let result = try Program.run(["info", Fixture.recording("redis-ukl"), "--json"])
    let info = try JSONDecoder().decode(Info.self, from: Data(result.text.utf8))
    // From `perf report --stats`.
    #expect(
      info.records == [
        "SAMPLE": 15398, "MMAP": 1, "COMM": 39, "EXIT": 1, "FORK": 38, "MMAP2": 90,
        "FINISHED_ROUND": 29, "ID_INDEX": 1, "THREAD_MAP": 1, "CPU_MAP": 1, "EVENT_UPDATE": 2,
        "TIME_CONV": 1, "FINISHED_INIT": 1,
      ])
    #expect(info.mode == "file")
  }

  @Test func foldFiltersByThreadProcessAndTime() throws {
    let recording = Fixture.recording("redis-ukl")
    let ukl = try Self.weight(["fold", recording, "--comm", "UKL"])
    #expect(ukl == 7405)
    #expect(try Self.weight(["fold", recording, "--pid", "50"]) == 7405)
    #expect(try Self.weight(["fold", recording, "--tid", "50"]) == 7405)
    #expect(try Self.weight(["fold", recording]) == 15398)
    // Each sample stands for 100 µs.
    #expect(try Self.weight(["fold", recording, "--weight", "period"]) == 15398 * 100_000)
    let early = try Self.weight(["fold", recording, "--time", ",4.5"])
    let late = try Self.weight(["fold", recording, "--time", "4.5,"])
    #expect(early > 0 && late > 0 && early + late == 15398)
  }

  @Test func callGraphHasBothForms() throws {
    let text = try Program.run(["callgraph", Fixture.recording("kvd-ukl"), "--comm", "UKL"]).text
    #expect(text.contains("tcp_sendmsg") && text.hasPrefix("3295 samples"))
    let dot = try Program.run(["callgraph", Fixture.recording("kvd-ukl"), "--format", "dot"]).text
    #expect(dot.hasPrefix("digraph"))
  }

  @Test func flameGraphDrawsTheArrowsOnRequest() throws {
    let recording = Fixture.recording("redis-ukl")
    let plain = try Program.run(["flamegraph", recording, "-o", "-"]).text
    let withArrows = try Program.run(["flamegraph", recording, "--shortcuts", "-o", "-"]).text
    #expect(!plain.contains("UKL_BYP") && withArrows.contains("UKL_BYP skips"))
    #expect(withArrows.contains("shortcut_tcp_write skips"))
  }

  private static func weight(_ arguments: [String]) throws -> Int {
    try Program.run(arguments).text.split(separator: "\n")
      .reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
  }
}
