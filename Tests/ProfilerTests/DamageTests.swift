import Foundation
import TestSupport
import Testing

@testable import Profiler

/// Recordings that were cut, killed or corrupted: what is whole is used, and no byte makes a crash.
@Suite struct DamageTests {
  /// Header, attribute, names, mappings, five samples, two feature sections.
  static func small(_ order: ByteWriter.Order = .little) -> PerfDataBuilder {
    var file = PerfDataBuilder(order, attributes: [.init(SampleBit.usual | SampleBit.id, ids: [4])])
    file.comm("prog", time: 1)
    file.mmap2("/bin/prog", start: 0x400000, length: 0x1000, time: 2)
    file.fork(pid: 200, parent: 100, time: 3)
    for time in 10..<UInt64(15) {
      file.sample(SampleValues(time: time, chain: [ChainMarker.user, 0x400100, 0x400200]))
    }
    file.feature(3) { $0.headerString("host") }
    file.feature(11) {
      $0.integer(UInt32(1))
      $0.headerString("perf")
    }
    return file
  }

  /// A killed perf never writes the data size and the features; all records are there.
  @Test(arguments: ByteWriter.Order.allCases)
  func killedRecorder(order: ByteWriter.Order) throws {
    var file = Self.small(order)
    file.features = []
    file.claimedDataSize = 0
    let profile = try read(file)
    #expect(profile.samples.count == 5)
    #expect(profile.counts == ["COMM": 1, "MMAP2": 1, "FORK": 1, "SAMPLE": 5])
    // It ends between two records, and yet perf did not come to write the size.
    #expect(profile.health.truncatedAt == UInt64(file.bytes.count))
  }

  /// Whether a record stands before damage is said by what follows, also where a thread's part ends
  /// there: of a sample whose chain looks like records, and garbage, each makes of it the same.
  @Test(arguments: [2, 5, 8]) func damageWherePartsEnd(workers: Int) throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual | SampleBit.identifier, ids: [1])]
    )
    func header(_ type: UInt64, size: UInt64) -> UInt64 { type | size << 48 }
    var time: UInt64 = 1000
    for segment in 0..<64 {
      for _ in 0..<6 {
        time += 1
        file.sample(
          SampleValues(time: time, chain: [ChainMarker.user, 0x40_0000 + UInt64(segment)]))
      }
      // Two records, and one that reaches behind all that a part has.
      let chain = [header(14, size: 8), header(14, size: 8), header(9, size: 65512), 0, 0, 0]
      file.sample(SampleValues(time: time, chain: [ChainMarker.user, 0x50_0000] + chain))
      file.records += [UInt8](repeating: 0, count: 64)
    }
    for _ in 0..<600 {
      time += 1
      file.sample(
        SampleValues(time: time, chain: [ChainMarker.user] + (1...10).map { 0x40_0000 + $0 }))
    }
    let one = try read(file.bytes, keepsSamples: false)
    let several = try read(file.bytes, keepsSamples: false, workers: workers)
    #expect(one.health.skippedCount > 0)
    #expect(one.samplesPerEvent == [Int(one.sampleCount)])
    #expect(several.samplesPerEvent == one.samplesPerEvent)
    #expect(several.groups.rows.map(\.samples) == one.groups.rows.map(\.samples))
  }

  /// Cut at every byte: samples that end before the cut are kept, the cut is said.
  @Test(arguments: [false, true], ByteWriter.Order.allCases)
  func truncationAtEveryByte(killed: Bool, order: ByteWriter.Order) throws {
    var file = Self.small(order)
    if killed {
      file.features = []
      file.claimedDataSize = 0
    }
    let bytes = file.bytes
    let size =
      8
      + file.encoded(
        SampleValues(chain: [0, 0, 0]), sampleType: SampleBit.usual | SampleBit.id
      ).count
    let firstSample = file.dataOffset + file.records.count - 5 * size
    for cut in 0..<bytes.count {
      guard let profile = try? read(Array(bytes[..<cut])) else {
        #expect(cut < file.dataOffset, "refused although the header is whole: cut at \(cut)")
        continue
      }
      let whole = min(5, max(0, (cut - firstSample) / size))
      #expect(profile.samples.count == whole, "cut at \(cut)")
      if !killed, cut < file.dataOffset + file.records.count {
        #expect(profile.health.truncatedAt != nil, "cut at \(cut)")
      }
    }
  }

  /// A record size below 8 says nothing of where the next record is: it is looked for.
  @Test(arguments: [0, 1, 7] as [UInt16]) func impossibleRecordSize(size: UInt16) throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.sample(SampleValues(time: 1))
    let place = file.dataOffset + file.records.count
    file.record(9, body: [], size: size)
    file.sample(SampleValues(time: 2))
    let profile = try read(file)
    #expect(profile.samples.time == [1, 2])
    #expect(
      profile.health.skipped == [
        PerfDataError(
          .unframed(type: 9, size: size, skipped: 8), at: UInt64(place), in: "record")
      ])
  }

  /// A stretch of garbage in the middle: every sample before it and behind it counts, the stretch is
  /// said once, and several threads see the same.
  @Test(arguments: 1...6) func garbageInTheMiddle(seed: UInt64) throws {
    var random = SeededRandom(seed)
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    func samples(_ count: Int) {
      for time in 0..<count {
        file.sample(SampleValues(time: UInt64(time + 1), chain: [ChainMarker.user, 0x1000]))
      }
    }
    samples(300)
    let place = file.dataOffset + file.records.count
    let words = Int.random(in: 1...400, using: &random)
    file.records += (0..<8 * words).map { _ in UInt8.random(in: 0...255, using: &random) }
    samples(500)
    let profile = try read(file)
    // A run of four is believed; what the garbage's last "record" swallowed may be missing.
    #expect((790...800).contains(profile.samples.count), "\(random) \(profile.samples.count)")
    #expect(profile.samples.time.prefix(300).elementsEqual(1...300))
    #expect(profile.samples.time.last == 500)
    let first = try #require(profile.health.skipped.first)
    #expect(first.fileOffset >= UInt64(place) && first.fileOffset < UInt64(place + 8 * words + 8))
    #expect(profile.health.truncatedAt == nil)
  }

  /// What looks for records takes time in proportion to the file, whatever the bytes are.
  @Test func hostileFramingEnds() throws {
    for pattern: [UInt8] in [
      [0], [9, 0, 0, 0, 0, 0, 0xff, 0xff], [9, 0, 0, 0, 0, 0, 16, 0], [255],
    ] {
      var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
      file.records = (0..<400_000).map { pattern[$0 % pattern.count] }
      let profile = try read(file)
      #expect(!profile.health.isClean)
    }
  }

  /// A record that claims to reach behind the data.
  @Test func recordBehindTheEnd() throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.sample(SampleValues(time: 1))
    let place = file.dataOffset + file.records.count
    file.record(9, body: [0, 0, 0, 0, 0, 0, 0, 0], size: 60_000)
    let profile = try read(file)
    #expect(profile.samples.time == [1])
    #expect(profile.health.truncatedAt == UInt64(place))
  }

  @Test(arguments: [.max, 1 << 63, 1 << 40] as [UInt64]) func dataSizeBeyondTheFile(size: UInt64)
    throws
  {
    var file = Self.small()
    file.features = []
    file.claimedDataSize = size
    let profile = try read(file)
    #expect(profile.samples.count == 5)
    #expect(profile.health.truncatedAt == UInt64(file.bytes.count))
  }

  @Test(arguments: [.max, 1 << 63, 1 << 40] as [UInt64]) func dataOffsetBeyondTheFile(
    offset: UInt64
  ) throws {
    var bytes = Self.small().bytes
    for byte in 0..<8 { bytes[40 + byte] = UInt8(truncatingIfNeeded: offset >> UInt64(8 * byte)) }
    let profile = try read(bytes)
    #expect(profile.samples.count == 0)
    #expect(profile.health.isClean == false)
  }

  /// Records too short for their own fields are skipped one by one.
  @Test(arguments: [1, 3, 7, 10, 17, 13, 2, 71, 78, 83] as [UInt32])
  func shortRecords(type: UInt32) throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    for count in 0..<24 where count % 8 != 0 || count < 8 {
      file.record(type, body: [UInt8](repeating: 0xff, count: count))
    }
    file.records = Array(file.records)
    let profile = try read(file)
    #expect(profile.counts.values.reduce(0, +) >= 1)
  }

  /// Samples of every length below what their fields need, each named with its offset.
  @Test func samplesOfEveryLength() throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    let whole = file.encoded(SampleValues(time: 1, chain: [1, 2]), sampleType: SampleBit.usual)
    for count in 0..<whole.count { file.record(9, body: Array(whole[..<count])) }
    file.record(9, body: whole)
    let profile = try read(file)
    #expect(profile.samples.count == 1)
    #expect(profile.health.skippedCount == UInt64(whole.count))
    #expect(profile.health.skipped.first?.fileOffset == UInt64(file.dataOffset + 8))
    #expect(profile.health.skipped.count == ReadHealth.keptErrors)
  }
}
