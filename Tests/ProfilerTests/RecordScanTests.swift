import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// The first pass of several threads, against that of one.
@Suite struct RecordScanTests {
  /// What the first pass finds, behind scans of about equal size where there are several parts.
  private func firstPass(_ path: FilePath, parts: Int) throws -> SidebandReader {
    let file = try PerfDataFile.open(path)
    var reader = SidebandReader(file)
    let size = file.records(in: 0).count / parts
    _ = file.readRecords(
      into: &reader, workers: parts,
      parts > 1 ? .behindScans(size: max(size, 1 << 10)) : .ofThreads(1))
    return reader
  }

  /// All that later steps ask of it.
  private func findings(_ reader: SidebandReader) -> [String] {
    let profile = reader.finish()
    // What is in dictionaries has no order.
    return [
      "\(profile.counts.sorted { $0.key < $1.key })", "\(profile.health)",
      "\(profile.timeline.maps)", "\(profile.timeline.comms.names)",
      "\(profile.timeline.kernelMaps)", "\(profile.attributes.map(\.shownName))",
    ]
  }

  private func recording(_ name: String) -> String {
    Place.recording(name).appendingPathComponent("perf.data").path
  }

  @Test(
    arguments: [
      "redis-ukl", "redis-linux", "kvd-ukl", "memcached-ukl", "redis-ukl-calls", "redis-ukl-zstd",
    ], [2, 3, 7, 64])
  func findsWhatOneThreadFinds(name: String, parts: Int) throws {
    let path = FilePath(recording(name))
    let one = try firstPass(path, parts: 1)
    let several = try firstPass(path, parts: parts)
    #expect(findings(several) == findings(one))
  }

  /// Each walk ends where the next one began, the last one before the last record, which leads to none.
  @Test func walksMeet() throws {
    let file = try PerfDataFile.open(FilePath(recording("redis-ukl")))
    let range = file.records(in: 0)
    let scans = RecordScan.begin(
      file.files[0], range, .behindScans(size: range.count / 7), swapped: false)
    #expect(scans.count == 6)
    let ends = try scans.map { try #require($0.outcome()).end }
    #expect(ends.dropLast() == scans.dropFirst().map(\.start)[...])
    let (data, place) = (file.files[0], range.lowerBound + (ends.last ?? 0))
    let last = RecordHeader(data.bytes, at: place, swapped: false)
    #expect(place + last.size == range.upperBound)
  }

  /// Places where the second pass may begin are places of records, and say how many are before.
  @Test(arguments: ["redis-ukl", "redis-linux"]) func cutsAreBetweenRecords(name: String) throws {
    struct Places: RecordSink {
      var positions: [UInt64: UInt64] = [:]
      mutating func record(
        _ type: RecordType, misc: RecordMisc, body: RawSpan, at offset: UInt64
      ) -> UInt64 {
        positions[offset] = UInt64(positions.count)
        return 0
      }
      mutating func unusable(_ error: PerfDataError) {}
      mutating func truncated(at offset: UInt64) {}
    }
    let path = FilePath(recording(name))
    let file = try PerfDataFile.open(path)
    var places = Places()
    var stream = RecordStream(swapped: false)
    let range = file.records(in: 0)
    let bytes = file.files[0]
    stream.read(bytes.bytes.extracting(range), at: UInt64(range.lowerBound), into: &places)
    let cuts = try firstPass(path, parts: 5).cuts
    #expect(cuts.first?.offset == UInt64(range.lowerBound))
    #expect(cuts.count >= range.count / Int(2 * RecordCut.distance))
    for cut in cuts { #expect(places.positions[cut.offset] == cut.position) }
  }

  /// Damage is found where one thread finds it, wherever the parts begin.
  @Test(arguments: [("redis-ukl", UInt64(1)), ("kvd-ukl", 2), ("redis-ukl-zstd", 3)])
  func findsTheSameDamage(name: String, seed: UInt64) throws {
    let original = try [UInt8](Data(contentsOf: URL(fileURLWithPath: recording(name))))
    var random = SeededRandom(seed)
    var damaged = 0
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("perf.data").path
      for _ in 0..<40 {
        var bytes = original.count > 200_000 ? Array(original[..<200_000]) : original
        for _ in 0..<6 { MutationTests.damage(&bytes, &random) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        guard let one = try? firstPass(FilePath(path), parts: 1) else { continue }
        let parts = Int.random(in: 2...9, using: &random)
        let several = try firstPass(FilePath(path), parts: parts)
        #expect(findings(several) == findings(one), "\(random), \(parts) parts")
        damaged += one.finish().health.isClean ? 0 : 1
      }
    }
    #expect(damaged > 20, "most must be damaged")
  }
}
