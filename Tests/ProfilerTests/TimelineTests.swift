import TestSupport
import Testing

@testable import Profiler

/// Names and address spaces at the time of each sample, whatever the order of the file.
@Suite struct TimelineTests {
  private func recording() -> PerfDataBuilder {
    PerfDataBuilder(attributes: [.init(SampleBit.usual)])
  }

  /// COMM applies by its time: here the later name comes first in the file.
  @Test func commOutOfFileOrder() throws {
    var file = recording()
    file.comm("second", time: 200)
    file.comm("first", time: 100)
    for time: UInt64 in [250, 150, 50] { file.sample(SampleValues(time: time)) }
    let profile = try read(file)
    #expect((0..<3).map(profile.comm) == ["second", "first", nil])
  }

  @Test func samplesResolveToTheNameOfTheirTime() throws {
    var file = recording()
    file.comm("old", time: 1)
    file.comm("new", time: 10)
    for time: UInt64 in [5, 15, 16] { file.sample(SampleValues(time: time, chain: [0x10])) }
    let symbolizer = Symbolizer(kernel: nil, source: NoImages())
    let resolved = symbolizer.resolve(try read(file))
    let counts = resolved.rows.map { "\(resolved.comms[$0.comm]) \($0.samples)" }
    #expect(counts == ["old 1", "new 2"])
  }

  /// A child is called like its parent at the moment of the fork, until it says otherwise.
  @Test func childInheritsTheName() throws {
    var file = recording()
    file.comm("parent", pid: 1, time: 10)
    file.fork(pid: 2, parent: 1, time: 20)
    file.comm("renamed", pid: 1, time: 30)
    file.comm("exec'd", pid: 2, time: 40)
    for time: UInt64 in [25, 35, 45] { file.sample(SampleValues(time: time, pid: 2)) }
    let profile = try read(file)
    #expect((0..<3).map(profile.comm) == ["parent", "parent", "exec'd"])
  }

  /// Ids come back: after its second fork a thread has nothing of its first life.
  @Test func reusedPidIsSomebodyElse() throws {
    var file = recording()
    file.comm("shell", pid: 1, time: 1)
    file.comm("editor", pid: 9, time: 2)
    file.fork(pid: 5, parent: 1, time: 10)
    file.comm("one", pid: 5, time: 11)
    file.mmap2("/bin/one", pid: 5, start: 0x1000, length: 0x1000, time: 12)
    file.fork(pid: 5, parent: 9, time: 20)
    for time: UInt64 in [10, 15, 25] { file.sample(SampleValues(time: time, pid: 5)) }
    let profile = try read(file)
    #expect((0..<3).map(profile.comm) == ["shell", "one", "editor"])
    var history = AddressSpaceHistory(profile.timeline)
    let before = history.space(of: Space(pid: 5, epoch: history.epoch(of: 5, at: 15)))
    let after = history.space(of: Space(pid: 5, epoch: history.epoch(of: 5, at: 25)))
    #expect(before.mapping(covering: 0x1800) != nil)
    #expect(after.mapping(covering: 0x1800) == nil)
  }

  @Test func circularForksEnd() throws {
    var file = recording()
    file.fork(pid: 1, parent: 2, time: 10)
    file.fork(pid: 2, parent: 1, time: 10)
    file.fork(pid: 3, tid: 4, parent: 3, parentTID: 4, time: 10)
    file.sample(SampleValues(time: 11, chain: [ChainMarker.user, 0x10], pid: 1))
    file.sample(SampleValues(time: 11, chain: [ChainMarker.user, 0x10], pid: 3, tid: 4))
    let profile = try read(file)
    #expect(profile.comm(0) == nil && profile.comm(1) == nil)
    let symbolizer = Symbolizer(kernel: nil, source: NoImages())
    #expect(symbolizer.resolve(profile).rows.count == 2)
  }

  /// The time of the trailer, wherever the sample type puts it: before or behind id, cpu, ….
  @Test(
    arguments: [
      SampleBit.time, SampleBit.tid | SampleBit.time,
      SampleBit.tid | SampleBit.time | SampleBit.id | SampleBit.streamID | SampleBit.cpu,
      SampleBit.time | SampleBit.cpu | SampleBit.identifier,
      SampleBit.tid | SampleBit.time | SampleBit.identifier,
    ], ByteWriter.Order.allCases)
  func trailerTime(type: UInt64, order: ByteWriter.Order) throws {
    var file = PerfDataBuilder(order, attributes: [.init(type | SampleBit.ip, ids: [3])])
    file.mmap2("/bin/later", start: 0x1000, length: 0x1000, time: 200)
    file.mmap2("/bin/first", start: 0x1000, length: 0x1000, time: 100)
    let events = try read(file).timeline.events(of: 100)
    #expect(events.map(\.time) == [100, 200])
  }

  /// Events of different sample types have trailers of different lengths; their ids, last in each,
  /// tell them apart.
  @Test func trailerOfTheRecordsOwnEvent() throws {
    let short = SampleBit.tid | SampleBit.time | SampleBit.identifier
    var file = PerfDataBuilder(attributes: [
      .init(short, ids: [1]), .init(short | SampleBit.cpu | SampleBit.streamID, ids: [2]),
    ])
    file.mmap2("/bin/second", start: 0x1000, length: 0x1000, time: 200, of: 1)
    file.mmap2("/bin/first", start: 0x1000, length: 0x1000, time: 100, of: 0)
    let profile = try read(file)
    #expect(profile.timeline.events(of: 100).map(\.time) == [100, 200])
    #expect(profile.health.isClean)
  }

  /// Without sample_id_all records have no time of their own: all of it holds from the beginning.
  @Test func withoutTrailerEverythingHoldsFromTheBeginning() throws {
    var event = PerfDataBuilder.Attribute(SampleBit.usual)
    event.flags = 0
    var file = PerfDataBuilder(attributes: [event])
    file.sample(SampleValues(time: 5))
    file.comm("prog", time: 0)
    #expect(try read(file).comm(0) == "prog")
  }

  /// A new mapping wins where it lies; what it leaves of an older one keeps its file offsets.
  @Test func overlappingMappings() throws {
    var file = recording()
    file.mmap2("/a", start: 0x1000, length: 0x5000, pageOffset: 0x100, time: 1)
    file.mmap2("/b", start: 0x3000, length: 0x1000, time: 2)
    file.mmap2("/c", start: 0x2800, length: 0x1000, time: 3)
    let profile = try read(file)
    var history = AddressSpaceHistory(profile.timeline)
    let space = history.space(of: Space(pid: 100, epoch: 3))
    func place(_ address: UInt64) -> String? {
      space.mapping(covering: address).map {
        let offset = address - $0.start + $0.pageOffset
        let path = profile.timeline.file(of: history.records[$0.record]).path
        return "\(path) \(String(offset, radix: 16))"
      }
    }
    #expect(place(0xfff) == nil && place(0x6000) == nil)
    #expect(place(0x1000) == "/a 100" && place(0x27ff) == "/a 18ff")
    #expect(place(0x2800) == "/c 0" && place(0x37ff) == "/c fff")
    #expect(place(0x3800) == "/b 800" && place(0x3fff) == "/b fff")
    #expect(place(0x4000) == "/a 3100" && place(0x5fff) == "/a 50ff")
    let first = history.space(of: Space(pid: 100, epoch: 1))
    #expect(first.mapping(covering: 0x3000)?.pageOffset == 0x100)
  }

  /// Against a table with one entry for each address.
  @Test(arguments: 1...20) func randomMappingsAgainstATable(seed: UInt64) {
    var random = SeededRandom(seed)
    var space = AddressSpace()
    var table = [Int?](repeating: nil, count: 256)
    for record in 0..<60 {
      let start = UInt64.random(in: 0..<256, using: &random)
      let end = UInt64.random(in: start...256, using: &random)
      space.map(.init(start: start, end: end, pageOffset: start, record: record))
      for address in start..<end { table[Int(address)] = record }
    }
    for address in 0..<UInt64(256) {
      let found = space.mapping(covering: address)
      #expect(found?.record == table[Int(address)], "\(random) address \(address)")
      if let found { #expect(address - found.start + found.pageOffset == address, "\(random)") }
    }
  }

  @Test func mappingToTheEndOfMemory() throws {
    var file = recording()
    file.mmap2("/x", start: .max - 0xfff, length: .max, pageOffset: .max, time: 1)
    file.mmap2("/y", start: 0, length: .max, pageOffset: .max - 5, time: 2)
    file.sample(SampleValues(time: 3, chain: [ChainMarker.user, 0xffff_ffff_ffff_e000, 1]))
    let symbolizer = Symbolizer(kernel: nil, source: NoImages())
    #expect(symbolizer.resolve(try read(file)).rows.count == 1)
    let raw = Symbolizer(kernel: nil, source: NoImages(), raw: true)
    #expect(raw.resolve(try read(file)).rows.count == 1)
  }

  /// fork takes the parent's mappings of that moment along; perf's own FORK records
  /// (PERF_RECORD_MISC_FORK_EXEC) don't, the mappings follow.
  @Test(arguments: [(0, true), (1 << 13, false)] as [(UInt16, Bool)])
  func forkInheritsMappings(misc: UInt16, inherits: Bool) throws {
    var file = recording()
    file.mmap2("/bin/parent", pid: 1, start: 0x1000, length: 0x1000, time: 10)
    file.fork(pid: 2, parent: 1, time: 20, misc: misc)
    file.mmap2("/bin/late", pid: 1, start: 0x5000, length: 0x1000, time: 30)
    let profile = try read(file)
    var history = AddressSpaceHistory(profile.timeline)
    let space = history.space(of: Space(pid: 2, epoch: history.epoch(of: 2, at: 40)))
    #expect((space.mapping(covering: 0x1800) != nil) == inherits)
    #expect(space.mapping(covering: 0x5800) == nil)
    let before = history.space(of: Space(pid: 2, epoch: history.epoch(of: 2, at: 15)))
    #expect(before.mapping(covering: 0x1800) == nil)
  }

  /// A thread of the process adds no space of its own.
  @Test func threadsShareTheProcessSpace() throws {
    var file = recording()
    file.mmap2("/bin/p", pid: 7, start: 0x1000, length: 0x1000, time: 1)
    file.fork(pid: 7, tid: 8, parent: 7, parentTID: 7, time: 5)
    #expect(try read(file).timeline.events(of: 7).count == 1)
  }

  /// Each sample between two of many mappings sees another space: memory and time must not grow
  /// with the product of both.
  @Test(.timeLimit(.minutes(1))) func manyMappingsBetweenSamples() throws {
    var file = recording()
    for index in 0..<UInt64(8000) {
      file.mmap2("/m", start: index << 16, length: 0x1000, time: 2 * index + 1)
      file.sample(SampleValues(time: 2 * index + 2, chain: [ChainMarker.user, index << 16]))
    }
    let symbolizer = Symbolizer(kernel: nil, source: NoImages())
    let resolved = symbolizer.resolve(try read(file))
    #expect(resolved.rows.reduce(0) { $0 + $1.samples } == 8000)
    #expect(resolved.functions.map(\.symbol) == ["[m]"])
  }

  /// One thread that renames itself all the time, and as many samples.
  @Test(.timeLimit(.minutes(1))) func manyNames() throws {
    var file = recording()
    for index in 0..<UInt64(30_000) { file.comm("t\(index % 7)", time: 1_000_000 + index) }
    file.comm("early", time: 0)
    for index in 0..<UInt64(30_000) { file.sample(SampleValues(time: index)) }
    let symbolizer = Symbolizer(kernel: nil, source: NoImages())
    let resolved = symbolizer.resolve(try read(file))
    #expect(resolved.rows.map { resolved.comms[$0.comm] } == ["early"])
  }

  /// No TIME in the samples: perf applies records in the order of the file.
  @Test func withoutTimesTheFilesOrderCounts() throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.ip | SampleBit.tid)])
    file.comm("before", time: 0)
    file.sample(SampleValues())
    file.comm("after", time: 0)
    file.sample(SampleValues())
    let symbolizer = Symbolizer(kernel: nil, source: NoImages())
    let resolved = symbolizer.resolve(try read(file))
    #expect(resolved.rows.map { resolved.comms[$0.comm] } == ["before", "after"])
  }
}

/// No binaries anywhere.
struct NoImages: ImageSource {
  var warnings: [String] { [] }
  mutating func image(of file: RecordedFile) -> ElfImage? { nil }
  mutating func module(_ file: RecordedFile, release: String?) -> ElfImage? { nil }
}
