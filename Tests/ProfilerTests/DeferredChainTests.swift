import TestSupport
import Testing

@testable import Profiler

/// User parts of call chains that the kernel records on its way back to user mode: records of type 22
/// in `perf_event.h` of Linux 6.19, whose perf is not here.
@Suite struct DeferredChainTests {
  private static let userDeferred = UInt64(bitPattern: -640)
  private static let kernelPart = [
    ChainMarker.kernel, 0xffff_ffff_8100_0010, 0xffff_ffff_8100_0020,
  ]

  private func recording(_ order: ByteWriter.Order = .little) -> PerfDataBuilder {
    var event = PerfDataBuilder.Attribute(SampleBit.usual)
    event.flags |= 1 << 38  // defer_callchain
    return PerfDataBuilder(order, attributes: [event])
  }

  /// A sample in the kernel that says which user part it goes on with.
  private func sample(_ file: inout PerfDataBuilder, cookie: UInt64, time: UInt64) {
    file.sample(
      SampleValues(time: time, chain: Self.kernelPart + [Self.userDeferred, cookie]), misc: 1)
  }

  private func deferred(
    _ file: inout PerfDataBuilder, cookie: UInt64, _ chain: [UInt64], claiming count: UInt64? = nil
  ) {
    file.record(
      22, misc: 2,
      body: file.body {
        $0.integers([cookie, count ?? UInt64(chain.count)])
        $0.integers(chain)
        $0.integers([Int32(100), 100])  // sample_id: task and time
        $0.integer(UInt64(9))
      })
  }

  /// Two samples of one stay in the kernel share the part that comes behind them.
  @Test(arguments: ByteWriter.Order.allCases) func partsAreJoined(order: ByteWriter.Order) throws {
    var file = recording(order)
    sample(&file, cookie: 0x1_0000_0001, time: 1)
    sample(&file, cookie: 0x1_0000_0001, time: 2)
    deferred(&file, cookie: 0x1_0000_0001, [ChainMarker.user, 0x40_1000, 0x40_2000])
    sample(&file, cookie: 0x2_0000_0001, time: 3)
    deferred(&file, cookie: 0x2_0000_0001, [ChainMarker.user, 0x40_3000])
    file.sample(SampleValues(time: 4, chain: [ChainMarker.user, 0x40_4000]))
    let profile = try read(file)
    let first = Self.kernelPart + [ChainMarker.user, 0x40_1000, 0x40_2000]
    #expect(
      (0..<4).map(profile.chain) == [
        first, first, Self.kernelPart + [ChainMarker.user, 0x40_3000],
        [ChainMarker.user, 0x40_4000],
      ])
    #expect(profile.counts == ["SAMPLE": 4, "CALLCHAIN_DEFERRED": 2])
    #expect(profile.health.isClean)
  }

  /// A part that was lost is said; its cookie is no address.
  @Test func missingPartIsSaid() throws {
    var file = recording()
    sample(&file, cookie: 7, time: 1)
    deferred(&file, cookie: 8, [ChainMarker.user, 0x40_1000])
    let profile = try read(file)
    #expect(profile.chain(0) == Self.kernelPart)
    #expect(profile.health.unfinishedChains == 1 && !profile.health.isClean)
  }

  @Test(arguments: [4, .max] as [UInt64]) func absurdCountsAreSkipped(count: UInt64) throws {
    var file = recording()
    deferred(&file, cookie: 7, [ChainMarker.user], claiming: count)
    deferred(&file, cookie: 8, [ChainMarker.user, 0x40_1000])
    sample(&file, cookie: 8, time: 1)
    let profile = try read(file)
    #expect(profile.health.skipped.map(\.structure) == ["PERF_RECORD_CALLCHAIN_DEFERRED"])
    #expect(profile.chain(0) == Self.kernelPart + [ChainMarker.user, 0x40_1000])
  }
}
