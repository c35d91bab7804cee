import TestSupport
import Testing

@testable import Profiler

/// Records inside records: `perf record -z`.
@Suite struct CompressionTests {
  private func plain() -> PerfDataBuilder {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.comm("packed", time: 1)
    for time in 2..<UInt64(300) {
      file.sample(SampleValues(time: time, chain: [ChainMarker.user, 0x400000 + time % 9]))
    }
    return file
  }

  /// The stream is cut at every kind of place, so that records straddle compressed ones and the
  /// compressed ones cut zstd's blocks.
  @Test(arguments: [1, 7, 64, 1000, 60_000], [false, true])
  func streamCutAnywhere(piece: Int, second: Bool) throws {
    let inner = plain()
    guard let stream = try zstdPacked(inner.records) else {
      return skipped("zstd is not installed")
    }
    var outer = PerfDataBuilder(attributes: inner.attributes)
    for start in stride(from: 0, to: stream.count, by: piece) {
      let part = stream[start..<min(start + piece, stream.count)]
      if second { outer.compressed2(part) } else { outer.compressed(part) }
    }
    let pieces = UInt64((stream.count + piece - 1) / piece)
    let profile = try read(outer)
    #expect(
      profile.counts == [
        "COMM": 1, "SAMPLE": 298, second ? "COMPRESSED2" : "COMPRESSED": pieces,
      ])
    #expect(profile.samples.time == Array(2..<300))
    #expect(profile.health.isClean)
  }

  /// perf makes one frame, other writers several; empty ones between them end nothing.
  @Test func severalFrames() throws {
    let inner = plain()
    let half = inner.records.count / 2
    guard let first = try zstdPacked(Array(inner.records[..<half])),
      let empty = try zstdPacked([]), let rest = try zstdPacked(Array(inner.records[half...]))
    else { return skipped("zstd is not installed") }
    var outer = PerfDataBuilder(attributes: inner.attributes)
    outer.compressed(empty + first + empty + empty + rest)
    #expect(try read(outer).counts["SAMPLE"] == 298)
  }

  @Test func plainRecordsBetweenCompressedOnes() throws {
    let inner = plain()
    guard let stream = try zstdPacked(inner.records) else {
      return skipped("zstd is not installed")
    }
    var outer = PerfDataBuilder(attributes: inner.attributes)
    outer.compressed(stream[..<50])
    outer.sample(SampleValues(time: 1000))
    outer.compressed(stream[50...])
    outer.sample(SampleValues(time: 1001))
    let profile = try read(outer)
    #expect(profile.counts["SAMPLE"] == 300)
    #expect(profile.health.isClean)
  }

  /// Samples before the first compressed record, between two and inside them stay in the file's order,
  /// however many threads read them; one that is damaged is said by the place of what it came from.
  @Test(arguments: [1, 3]) func samplesKeepTheirOrder(workers: Int) throws {
    var inner = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    for time in 10..<UInt64(4500) {  // 14 MB
      let rest = (0..<400).map { 0x5000 + 400 * time + $0 }
      inner.sample(SampleValues(time: time, chain: [ChainMarker.user, 0x400000 + time] + rest))
    }
    inner.record(9, body: [1, 2, 3, 4, 5, 6, 7, 8])
    guard let stream = try zstdPacked(inner.records) else {
      return skipped("zstd is not installed")
    }
    var outer = PerfDataBuilder(attributes: inner.attributes)
    outer.sample(SampleValues(time: 1, chain: [ChainMarker.user, 0x1]))
    outer.compressed2(stream[..<100])
    outer.sample(SampleValues(time: 2, chain: [ChainMarker.user, 0x2]))
    var last = 0
    for piece in Array(stream[100...]).chunks(50_000) {
      last = outer.dataOffset + outer.records.count
      outer.compressed2(piece)
    }
    let profile = try read(outer.bytes, keepsSamples: false, workers: workers)
    var words: [UInt64] = []
    let leaves = profile.groups.rows.map { group in
      profile.groups.chains.copy(group.chain, into: &words)
      return words[1]
    }
    #expect(leaves.sorted() == [1, 2] + (10..<4500).map { 0x400000 + $0 })
    #expect(leaves.first == 1)
    #expect(leaves.filter { $0 > 2 } == (10..<4500).map { 0x400000 + $0 })
    #expect(profile.health.skippedCount == 1)
    #expect(profile.health.skipped.first?.description.contains(String(last + 8, radix: 16)) == true)
  }

  /// The stream ends inside a record: said, and what came before is used.
  @Test func streamCutShort() throws {
    let inner = plain()
    guard let stream = try zstdPacked(Array(inner.records.dropLast(5))) else {
      return skipped("zstd is not installed")
    }
    var outer = PerfDataBuilder(attributes: inner.attributes)
    outer.compressed(stream)
    let profile = try read(outer)
    #expect(profile.samples.count == 297)
    #expect(profile.health.truncatedAt != nil)
  }

  @Test func noZstdAtAll() throws {
    var outer = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    outer.compressed([UInt8](repeating: 0x41, count: 64))
    outer.sample(SampleValues(time: 7))
    let profile = try read(outer)
    #expect(profile.samples.time == [7])
    #expect(profile.health.skippedCount == 1)
    #expect(profile.health.skipped.first?.description.contains("zstd says") == true)
  }

  /// COMPRESSED2 whose size is more than the record holds.
  @Test(arguments: [9, UInt64(Int64.max), .max] as [UInt64]) func compressed2SizeIsChecked(
    size: UInt64
  ) throws {
    var outer = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    outer.record(83, body: outer.body { $0.integers([size, 1]) })
    outer.record(83, body: [1, 2, 3])
    outer.sample(SampleValues(time: 7))
    let profile = try read(outer)
    #expect(profile.samples.time == [7])
    #expect(profile.health.skippedCount == 2)
  }

  /// A few kB that unpack to 150 MB: given up long before.
  @Test(.timeLimit(.minutes(1))) func bombIsRefused() throws {
    var record = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    record.sample(SampleValues(time: 1, chain: [0x10]))
    guard let zeros = try zstdPacked([UInt8](repeating: 0, count: 1 << 22)),
      let samples = try zstdPacked(
        Array([[UInt8]](repeating: record.records, count: 1 << 16).joined()))
    else { return skipped("zstd is not installed") }
    for bomb in [zeros, samples] {
      var outer = PerfDataBuilder(attributes: record.attributes)
      for _ in 0..<40 { for part in bomb.chunks(60_000) { outer.compressed(part) } }
      let profile = try read(outer)
      #expect(profile.health.skippedCount > 0)
      #expect(profile.samples.count < 10 << 16)
    }
  }
}

extension Array {
  fileprivate func chunks(_ size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
