import Foundation
import TestSupport
import Testing

/// Recordings of other projects, perf 3.2 to 6.1x, against the counts of two independent readers.
@Suite struct RecordingsByOthersTests {
  /// One file's entry of `expected.json`.
  struct Expected: Decodable {
    let mode: String
    let perf: [String: UInt64]
    let library: [String: UInt64]
    let samplesByEvent: [String: Int]

    enum CodingKeys: String, CodingKey {
      case mode, perf = "perf6.1", library = "linux-perf-data0.12"
      case samplesByEvent = "samples_by_event"
    }
  }

  struct Info: Decodable {
    struct Event: Decodable {
      let name: String
      let samples: Int
    }
    let mode: String
    let events: [Event]
    let records: [String: UInt64]
  }

  /// On these record types both readers agree wherever both read a file.
  static let agreed = ["SAMPLE", "COMM", "FORK", "EXIT", "MMAP", "MMAP2"]

  private var folder: URL? { Place.shared?.appendingPathComponent("fixtures/perfdata") }

  private func expected() throws -> [String: Expected] {
    guard let list = folder?.appendingPathComponent("expected.json"),
      let data = try? Data(contentsOf: list)
    else { return [:] }
    return try JSONDecoder().decode([String: Expected].self, from: data)
  }

  @Test func recordCountsAreTheirs() throws {
    let files = try expected()
    guard !files.isEmpty, let folder else {
      return skipped("no fixtures/perfdata beside the checkout")
    }
    for (name, wanted) in files {
      let result = try runProgram(["info", "--json", folder.appendingPathComponent(name).path])
      try #require(result.status == 0, "\(name): \(result.stderr)")
      let info = try JSONDecoder().decode(Info.self, from: result.stdout)
      for type in Self.agreed {
        #expect(info.records[type] == wanted.library[type], "\(name) \(type)")
      }
      // perf names every type, some of a pipe's otherwise; the library has no names for perf's own.
      for (type, count) in wanted.perf
      where type != "TOTAL" && !["ATTR", "FEATURE", "EVENT_TYPE"].contains(type) {
        #expect(info.records[type] == count, "\(name) \(type)")
      }
      for (type, count) in wanted.library where type != "1000" {
        #expect(info.records[type] == count, "\(name) \(type)")
      }
      #expect(info.mode == wanted.mode)
      check(info.events, wanted.samplesByEvent, name)
    }
  }

  /// Samples of each event; perf spells some names anew (`cycles:ppp`), so counts are compared
  /// wherever it doesn't.
  private func check(_ events: [Info.Event], _ wanted: [String: Int], _ file: String) {
    guard !wanted.isEmpty else { return }
    let counts = events.map(\.samples).filter { $0 > 0 }.sorted()
    #expect(counts == wanted.values.sorted(), "\(file)")
  }

  /// perf 6.1 folds those of its own time.
  @Test func foldsAsPerfDoes() throws {
    guard let tool = Place.shared?.appendingPathComponent("tools/perf-script-fold"),
      let folder, let python = Place.tool("python3"), Place.tool("perf") != nil
    else { return skipped("no perf-script-fold, python3 or perf") }
    for (name, wanted) in try expected()
    where wanted.mode == "file" && wanted.samplesByEvent.count == 1 && !wanted.perf.isEmpty {
      let file = folder.appendingPathComponent(name).path
      let perfs = try run(python, [tool.path, file, "--raw"])
      let ours = try runProgram(["fold", "--raw", file])
      let (a, b) = (Set(ours.lines), Set(perfs.lines))
      #expect(
        a == b, "\(name): ours \(a.subtracting(b).prefix(3)) perf's \(b.subtracting(a).prefix(3))")
    }
  }
}
