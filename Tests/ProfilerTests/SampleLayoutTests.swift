import TestSupport
import Testing

@testable import Profiler

/// Samples with every set of fields: `perf_event.h`, PERF_RECORD_SAMPLE.
@Suite struct SampleLayoutTests {
  static let bits = [
    SampleBit.ip, SampleBit.tid, SampleBit.time, SampleBit.addr, SampleBit.read,
    SampleBit.callchain, SampleBit.id, SampleBit.cpu, SampleBit.period, SampleBit.streamID,
    SampleBit.raw, SampleBit.identifier,
  ]

  /// All 4096 combinations, in both byte orders: each field comes back from wherever it stands.
  @Test(arguments: ByteWriter.Order.allCases)
  func everyCombinationOfFields(order: ByteWriter.Order) throws {
    var values = SampleValues(
      time: 77, chain: [ChainMarker.user, 0x401234, 0x405678], pid: 5, tid: 6)
    values.period = 4321
    values.read = [99, 1]  // value, id
    for set in 0..<(1 << Self.bits.count) {
      let type = Self.bits.indices.reduce(UInt64(0)) {
        $0 | (set >> $1 & 1 == 1 ? Self.bits[$1] : 0)
      }
      var event = PerfDataBuilder.Attribute(type)
      event.readFormat = 4
      let builder = PerfDataBuilder(order, attributes: [event])
      let body = builder.encoded(values, sampleType: type)
      try check(body, type: type, swapped: order == .big, values)
    }
  }

  private func check(
    _ body: [UInt8], type: UInt64, swapped: Bool, _ values: SampleValues
  ) throws {
    let layout = SampleLayout(.with(sampleType: type, readFormat: 4))
    let bytes = body.span.bytes
    func word(_ place: Int?) -> UInt64? {
      place.map { bytes.load(UInt64.self, at: $0, swapped: swapped) }
    }
    func expected(_ bit: UInt64, _ value: UInt64) -> UInt64? { type & bit != 0 ? value : nil }
    #expect(word(layout.ip.offset) == expected(SampleBit.ip, values.ip))
    #expect(word(layout.time.offset) == expected(SampleBit.time, 77))
    #expect(word(layout.period.offset) == expected(SampleBit.period, 4321))
    #expect(word(layout.id.offset) == expected(SampleBit.id | SampleBit.identifier, values.id))
    if type & SampleBit.tid != 0 {
      let place = try #require(layout.thread.offset)
      #expect(bytes.load(Int32.self, at: place, swapped: swapped) == 5)
      #expect(bytes.load(Int32.self, at: place + 4, swapped: swapped) == 6)
    } else {
      #expect(layout.thread.offset == nil)
    }
    let chain = try layout.locate(bytes, swapped: swapped).callchain
    let words = stride(from: chain.lowerBound, to: chain.upperBound, by: 8).compactMap { word($0) }
    #expect(words == (type & SampleBit.callchain != 0 ? values.chain : []))
  }

  /// Words of the counter values for each `read_format`, counted by hand from `perf_event.h`.
  static let readFormats: [(format: UInt64, words: [UInt64])] = [
    (0, [10]), (1, [10, 1]), (3, [10, 1, 2]), (4, [10, 3]), (16, [10, 4]),
    (1 | 2 | 4 | 16, [10, 1, 2, 3, 4]),
    (8, [2, 10, 11]),  // nr, values
    (8 | 1 | 2, [2, 100, 200, 10, 11]),
    (8 | 4, [2, 10, 3, 11, 4]),
    (8 | 4 | 16, [2, 10, 3, 0, 11, 4, 0]),
    (8 | 1 | 2 | 4 | 16, [1, 100, 200, 10, 3, 0]),
    (8 | 4, [0]),
  ]

  @Test(arguments: readFormats)
  func chainIsFoundBehindCounterValues(format: UInt64, words: [UInt64]) throws {
    var event = PerfDataBuilder.Attribute(SampleBit.usual | SampleBit.read)
    event.readFormat = format
    var file = PerfDataBuilder(attributes: [event])
    var values = SampleValues(time: 1, chain: [ChainMarker.user, 0x4010aa])
    values.read = words
    file.sample(values)
    let profile = try read(file)
    #expect(profile.samples.count == 1)
    #expect(profile.chain(0) == [ChainMarker.user, 0x4010aa])
    #expect(profile.health.isClean)
  }

  /// A count of values, or of chain entries, that the record has no room for: the sample is
  /// skipped with its offset, the next one is read.
  @Test(arguments: [3, 1 << 20, UInt64(Int64.max), .max, 0x2000_0000_0000_0000] as [UInt64])
  func absurdCountsAreSkipped(count: UInt64) throws {
    var event = PerfDataBuilder.Attribute(SampleBit.usual | SampleBit.read)
    event.readFormat = 8 | 4
    var file = PerfDataBuilder(attributes: [event])
    var bad = SampleValues(time: 1, chain: [ChainMarker.user, 0x4010aa])
    bad.read = [0]
    bad.claimedChainCount = count
    file.sample(bad)
    var badGroup = SampleValues(time: 2)
    badGroup.read = [count]
    file.sample(badGroup)
    var good = SampleValues(time: 3, chain: [0x401000])
    good.read = [1, 10, 3]
    file.sample(good)
    let profile = try read(file)
    #expect(profile.samples.time == [3])
    #expect(profile.counts == ["SAMPLE": 3])
    #expect(profile.health.skippedCount == 2)
    #expect(
      profile.health.skipped.map(\.structure) == [
        "PERF_RECORD_SAMPLE.callchain", "PERF_RECORD_SAMPLE.read",
      ])
  }

  /// Without a chain the sampled instruction is the stack, in the mode it ran in (`perf_event.h`:
  /// kernel, user, hypervisor, a guest's kernel and user); without either it is empty.
  @Test(
    arguments: [
      (1, ChainMarker.kernel), (2, ChainMarker.user), (3, UInt64(bitPattern: -32)),
      (4, UInt64(bitPattern: -2176)), (5, UInt64(bitPattern: -2560)),
    ] as [(UInt16, UInt64)])
  func sampleWithoutChain(misc: UInt16, marker: UInt64) throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.ip | SampleBit.tid)])
    file.sample(SampleValues(), misc: misc)
    #expect(try read(file).chain(0) == [marker, 0x401000])
  }

  /// The fixed period of the attribute counts where samples carry none.
  @Test func periodFromTheAttribute() throws {
    var event = PerfDataBuilder.Attribute(SampleBit.ip)
    event.period = 5000
    var file = PerfDataBuilder(attributes: [event])
    file.sample(SampleValues())
    #expect(try read(file).samples.period == [5000])
  }

  /// Two events told apart by id, at both places an id may stand.
  @Test(arguments: [SampleBit.id, SampleBit.identifier], ByteWriter.Order.allCases)
  func eventsById(bit: UInt64, order: ByteWriter.Order) throws {
    let type = SampleBit.usual | bit
    var file = PerfDataBuilder(
      order, attributes: [.init(type, ids: [11, 12]), .init(type, ids: [21, 22])])
    for id: UInt64 in [21, 11, 22, 12, 21] {
      var values = SampleValues(chain: [0x401000])
      values.id = id
      file.sample(values)
    }
    let profile = try read(file)
    #expect(profile.samples.event == [1, 0, 1, 0, 1])
    #expect(profile.samplesPerEvent == [2, 3])
  }

  /// perf counts what has no id, records that it made itself, as the first event's.
  @Test func sampleWithoutIDIsTheFirstEvents() throws {
    let type = SampleBit.usual | SampleBit.identifier
    var file = PerfDataBuilder(attributes: [.init(type, ids: [1]), .init(type, ids: [2])])
    for id: UInt64 in [2, 0] {
      var values = SampleValues(chain: [0x401000])
      values.id = id
      file.sample(values)
    }
    #expect(try read(file).samples.event == [1, 0])
  }

  @Test func sampleOfNoEventIsSkipped() throws {
    let type = SampleBit.usual | SampleBit.identifier
    var file = PerfDataBuilder(attributes: [.init(type, ids: [1]), .init(type, ids: [2])])
    var values = SampleValues()
    values.id = 3
    file.sample(values)
    let profile = try read(file)
    #expect(profile.samples.count == 0)
    #expect(profile.health.skippedCount == 1)
  }
}

extension EventAttribute {
  /// A software event whose samples have these fields.
  static func with(sampleType: UInt64, readFormat: UInt64 = 0) -> EventAttribute {
    EventAttribute(
      type: 1, config: 0, samplePeriod: 1, sampleType: SampleType(rawValue: sampleType),
      readFormat: ReadFormat(rawValue: readFormat), flags: 0, branchSampleType: 0,
      userRegisters: 0, interruptRegisters: 0)
  }
}
