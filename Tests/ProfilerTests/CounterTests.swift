import TestSupport
import Testing

@testable import Profiler

/// Samples with counter values: `{a,b}:S`, periods as perf makes them.
@Suite struct CounterTests {
  private func recording(readFormat: UInt64, inherit: Bool = false) -> PerfDataBuilder {
    var attributes: [PerfDataBuilder.Attribute] = []
    for (config, id) in [(UInt64(0), UInt64(11)), (1, 12)] {
      var attribute = PerfDataBuilder.Attribute(
        SampleBit.usual | SampleBit.read | SampleBit.id, ids: [id])
      attribute.config = config
      attribute.readFormat = readFormat
      if inherit { attribute.flags |= 1 << 1 }
      attributes.append(attribute)
    }
    return PerfDataBuilder(attributes: attributes)
  }

  private func add(
    _ words: [UInt64], time: UInt64, tid: Int32 = 100, to builder: inout PerfDataBuilder
  ) {
    var values = SampleValues(time: time, chain: [ChainMarker.user, 0x40_1000], pid: 100, tid: tid)
    (values.id, values.period, values.read) = (11, 999, words)
    builder.sample(values)
  }

  /// Each sample counts for both events, by how much their counters grew; not for one that stood.
  @Test func groupsCountGrowth() throws {
    var builder = recording(readFormat: 8 | 4 | 16)  // group, ids, lost
    add([2, 100, 11, 0, 7, 12, 0], time: 1, to: &builder)
    add([2, 250, 11, 0, 7, 12, 0], time: 2, to: &builder)
    add([2, 300, 11, 0, 10, 12, 0], time: 3, to: &builder)
    let profile = try read(builder)
    #expect(profile.totals.map(\.samples) == [3, 2])
    #expect(profile.totals.map(\.period) == [300, 10])
    #expect(profile.recordCounts[.sample] == 3)
  }

  /// A single event: value, times, id.
  @Test func singleCountersToo() throws {
    var builder = recording(readFormat: 1 | 2 | 4)
    add([40, 1000, 900, 12], time: 1, to: &builder)
    add([90, 2000, 900, 12], time: 2, to: &builder)
    let profile = try read(builder)
    #expect(profile.totals.map(\.samples) == [0, 2])
    #expect(profile.totals.map(\.period) == [0, 90])
  }

  /// Inherited counters are each thread's own.
  @Test(arguments: [true, false]) func threadsCountApart(inherit: Bool) throws {
    var builder = recording(readFormat: 4, inherit: inherit)
    add([50, 11], time: 1, tid: 1, to: &builder)
    add([inherit ? 30 : 80, 11], time: 2, tid: 2, to: &builder)
    add([inherit ? 60 : 90, 11], time: 3, tid: 1, to: &builder)
    #expect(try read(builder).totals[0].period == 90)
  }

  /// Ids of no event: the sample counts as it stands.
  @Test func unknownIDsLeaveTheSampleAsItIs() throws {
    var builder = recording(readFormat: 8 | 4)
    add([1, 100, 77], time: 1, to: &builder)
    let profile = try read(builder)
    #expect(profile.totals.map(\.period) == [999, 0])
  }
}
