import TestSupport
import Testing

@testable import Profiler

/// Records other than samples, and the feature sections.
@Suite struct RecordTests {
  private func recording(_ order: ByteWriter.Order = .little) -> PerfDataBuilder {
    PerfDataBuilder(order, attributes: [.init(SampleBit.usual)])
  }

  /// perf's names: `perf_event.h` below 64, `tools/lib/perf/include/perf/event.h` from 64 on.
  static let names: [(UInt32, String)] = [
    (1, "MMAP"), (2, "LOST"), (3, "COMM"), (4, "EXIT"), (5, "THROTTLE"), (6, "UNTHROTTLE"),
    (7, "FORK"), (8, "READ"), (10, "MMAP2"), (11, "AUX"), (12, "ITRACE_START"),
    (13, "LOST_SAMPLES"), (14, "SWITCH"), (15, "SWITCH_CPU_WIDE"), (16, "NAMESPACES"),
    (17, "KSYMBOL"), (18, "BPF_EVENT"), (19, "CGROUP"), (20, "TEXT_POKE"),
    (21, "AUX_OUTPUT_HW_ID"), (68, "FINISHED_ROUND"), (69, "ID_INDEX"), (70, "AUXTRACE_INFO"),
    (72, "AUXTRACE_ERROR"), (73, "THREAD_MAP"), (74, "CPU_MAP"), (75, "STAT_CONFIG"),
    (76, "STAT"), (77, "STAT_ROUND"), (78, "EVENT_UPDATE"), (79, "TIME_CONV"),
    (80, "FEATURE"), (82, "FINISHED_INIT"),
  ]

  @Test(arguments: names) func recordsCountUnderPerfsNames(type: UInt32, name: String) throws {
    var file = recording()
    for _ in 0..<3 { file.record(type, body: [UInt8](repeating: 0, count: 96)) }
    let profile = try read(file)
    #expect(profile.counts == [name: 3])
    #expect(profile.health.unknownRecords == 0)
  }

  @Test(arguments: [23, 63, 87, 1000, .max] as [UInt32])
  func unknownRecordsAreCountedAndSaid(type: UInt32) throws {
    var file = recording()
    file.record(type, body: [1, 2, 3, 4, 5, 6, 7, 8])
    file.sample(SampleValues(time: 1))
    let profile = try read(file)
    #expect(profile.counts == ["\(type)": 1, "SAMPLE": 1])
    #expect(profile.health.unknownRecords == 1)
  }

  /// id u64, lost u64; twice, and with a sum that does not fit.
  @Test func lostEventsAreSummed() throws {
    var file = recording()
    file.record(2, body: file.body { $0.integers([UInt64(1), 40, 100, 1]) })
    file.record(2, body: file.body { $0.integers([UInt64(1), 2, 100, 1]) })
    file.record(13, body: file.body { $0.integers([UInt64(9), 100, 1]) })
    file.record(5, body: file.body { $0.integers([UInt64(1), 1, 1, 100, 1]) })
    let health = try read(file).health
    #expect(health.lost == 42)
    #expect(health.lostSamples == 9)
    #expect(health.throttled == 1)
    file.record(2, body: file.body { $0.integers([UInt64(1), UInt64.max, 100, 1]) })
    #expect(try read(file).health.lost == .max)
  }

  /// AUXTRACE is followed by as many bytes of data as its first word says.
  @Test func auxtraceDataIsNoRecord() throws {
    var file = recording()
    file.record(71, body: file.body { $0.integers([UInt64(24), 0, 0, 0, 0]) })
    file.records += [UInt8](repeating: 0x5a, count: 24)
    file.sample(SampleValues(time: 9))
    let profile = try read(file)
    #expect(profile.counts == ["AUXTRACE": 1, "SAMPLE": 1])
    #expect(profile.health.isClean)
  }

  @Test(arguments: [1 << 20, .max] as [UInt64])
  func auxtraceDataBeyondTheEnd(size: UInt64) throws {
    var file = recording()
    file.sample(SampleValues(time: 9))
    file.record(71, body: file.body { $0.integers([size, 0, 0, 0, 0]) })
    let profile = try read(file)
    #expect(profile.samples.count == 1)
    #expect(profile.health.truncatedAt != nil)
  }

  /// EVENT_UPDATE of kind NAME (2): kind, id, text.
  @Test func eventUpdateNamesAnEvent() throws {
    var file = PerfDataBuilder(attributes: [
      .init(SampleBit.usual | SampleBit.id, ids: [5]),
      .init(SampleBit.usual | SampleBit.id, ids: [6]),
    ])
    file.record(
      78,
      body: file.body {
        $0.integers([UInt64(2), 6])
        $0.text("cpu_atom/cycles/")
      })
    let profile = try read(file)
    #expect(profile.eventName(1) == "cpu_atom/cycles/")
    #expect(profile.eventName(0) == "cpu-clock:HG")
  }

  @Test(arguments: ByteWriter.Order.allCases)
  func mmap2WithBuildID(order: ByteWriter.Order) throws {
    let id = (1...20).map { UInt8($0) }
    var file = recording(order)
    file.mmap2("/bin/a", start: 0x1000, length: 0x2000, pageOffset: 0x3000, buildID: id)
    file.mmap2("/bin/b", start: 0x9000, length: 0x1000, buildID: Array(id.prefix(8)))
    file.mmap2("/bin/c", start: 0xb000, length: 0x1000)
    file.mmap("/bin/d", start: 0xd000, length: 0x1000, pageOffset: 0x70)
    let timeline = try read(file).timeline
    let maps: [MapRecord] = timeline.events(of: 100).compactMap {
      if case .map(let row) = $0.change { timeline.maps[row] } else { nil }
    }
    let ids = maps.map { timeline.file(of: $0).buildID }
    #expect(maps.map { timeline.file(of: $0).path } == ["/bin/a", "/bin/b", "/bin/c", "/bin/d"])
    #expect(ids[0]?.description == "0102030405060708090a0b0c0d0e0f1011121314")
    #expect(ids[1]?.description == "0102030405060708")
    #expect(ids[2] == nil && ids[3] == nil)
    #expect(maps.map(\.start) == [0x1000, 0x9000, 0xb000, 0xd000])
    #expect(maps.map(\.length) == [0x2000, 0x1000, 0x1000, 0x1000])
    #expect(maps.map(\.pageOffset) == [0x3000, 0, 0, 0x70])
  }

  /// A build-id of size 255 is not in any ELF note; its 20 bytes are all there is.
  @Test func mmap2WithImpossibleBuildIDSize() throws {
    var file = recording()
    file.mmap2("/bin/a", start: 0x1000, length: 1, buildID: [UInt8](repeating: 7, count: 20))
    file.records[8 + 32] = 255
    let profile = try read(file)
    #expect(profile.health.isClean)
    guard case .map(let row)? = profile.timeline.events(of: 100).first?.change else {
      Issue.record("no mapping")
      return
    }
    let mapped = profile.timeline.file(of: profile.timeline.maps[row])
    #expect(mapped.buildID?.bytes.count == 20)
  }

  @Test(arguments: ByteWriter.Order.allCases)
  func featureSections(order: ByteWriter.Order) throws {
    var file = PerfDataBuilder(
      order, attributes: [.init(SampleBit.usual | SampleBit.id, ids: [31])])
    for (number, text) in [
      (3, "host"), (4, "6.1.0-ukl"), (5, "6.1.192"), (6, "x86_64"),
      (8, "QEMU TCG"), (9, "AuthenticAMD,15,107,1"),
    ] {
      file.feature(number) { $0.headerString(text) }
    }
    file.feature(7) { $0.integers([UInt32(8), 4]) }  // available, online
    file.feature(10) { $0.integer(UInt64(1_484_220)) }
    file.feature(11) {
      $0.integer(UInt32(2))
      for word in ["perf", "record"] { $0.headerString(word) }
    }
    file.feature(12) {
      $0.integers([UInt32(1), 128])
      $0.raw([UInt8](repeating: 0, count: 128))
      $0.integer(UInt32(1))
      $0.headerString("cpu-clock:u")
      $0.integer(UInt64(31))
    }
    file.feature(21) { $0.integers([UInt64(1000), 2000]) }
    file.feature(27) { $0.integers([UInt32(1), 1, 1, 5, 1 << 20]) }
    file.sample(SampleValues())  // with no data at all the recorder counts as killed
    let profile = try read(file)
    let features = profile.features
    #expect(features.hostname == "host" && features.osRelease == "6.1.0-ukl")
    #expect(features.perfVersion == "6.1.192" && features.arch == "x86_64")
    #expect(features.cpuDescription == "QEMU TCG" && features.cpuID == "AuthenticAMD,15,107,1")
    #expect(features.cpusAvailable == 8 && features.cpusOnline == 4)
    #expect(features.totalMemory == 1_484_220)
    #expect(features.commandLine == ["perf", "record"])
    #expect(features.sampleTime == 1000...2000)
    #expect(features.compression?.type == 1 && features.unreadable.isEmpty)
    #expect(profile.eventName(0) == "cpu-clock:u")
  }

  /// `struct build_id_event`: with misc bit 15 the id's size stands behind its 20 bytes.
  @Test func buildIDSection() throws {
    var file = recording()
    // Before Linux 5.12 an id was of 20 bytes, whatever wrote it.
    file.buildID(
      "[kernel.kallsyms]", [UInt8](repeating: 0xab, count: 20), misc: 1, isSized: false)
    file.buildID("/bin/short", [1, 2, 3, 4, 5, 6, 7, 8])
    file.sample(SampleValues())
    let ids = try read(file).features.buildIDs
    #expect(ids.map(\.path) == ["[kernel.kallsyms]", "/bin/short"])
    #expect(
      ids.map(\.buildID.description) == [
        String(repeating: "ab", count: 20), "0102030405060708",
      ])
    #expect(ids.map(\.cpuMode) == [1, 2])
  }

  /// Sections that claim more than they hold: said, and the records are read all the same.
  @Test(arguments: [3, 4, 5, 6, 8, 9, 11, 12])
  func hostileFeatureSections(number: Int) throws {
    var file = recording()
    file.sample(SampleValues(time: 4))
    file.feature(number) { $0.integers([UInt32.max, UInt32.max, UInt32.max]) }
    let profile = try read(file)
    #expect(profile.samples.count == 1)
    #expect(profile.health.unreadableFeatures.count == 1)
  }

  /// Many events of no size in the description, and as many attributes: time must not be their
  /// product. 20 s were too few for it once.
  @Test(.timeLimit(.minutes(1))) func manyEventDescriptions() throws {
    let events = (0..<20_000).map { PerfDataBuilder.Attribute(SampleBit.ip, ids: [$0]) }
    var file = PerfDataBuilder(attributes: events)
    file.feature(12) { out in
      out.integers([UInt32(20_000), 0])
      for id in (0..<UInt64(20_000)).reversed() {
        out.integers([UInt32(1), 2])
        out.raw([UInt8(ascii: "e"), 0])
        out.integer(id)
      }
    }
    file.sample(SampleValues())
    let profile = try read(file)
    #expect(profile.attributes.allSatisfy { $0.name == "e" })
  }
}
