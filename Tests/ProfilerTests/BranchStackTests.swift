import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Call chains made of branch stacks.
@Suite struct BranchStackTests {
  private static let newest: [(from: UInt64, to: UInt64)] = [
    (from: 0x40_1010, to: 0x40_2000), (from: 0xffff_ffff_8100_0050, to: 0x40_1000),
    (from: 0x40_0100, to: 0xffff_ffff_8100_0000), (from: 0, to: 0),
  ]

  private func chain(
    of values: SampleValues, _ sampleType: UInt64, kind: UInt64 = 0, showsBranches: Bool = false,
    _ order: ByteWriter.Order = .little
  ) throws -> [UInt64] {
    var attribute = PerfDataBuilder.Attribute(sampleType)
    attribute.branchSampleType = kind
    var builder = PerfDataBuilder(order, attributes: [attribute])
    builder.sample(values)
    return try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("perf.data").path
      try Data(builder.bytes).write(to: URL(fileURLWithPath: path))
      var selection = SampleSelection()
      selection.showsBranches = showsBranches
      let profile = Profile.read(try PerfDataFile.open(FilePath(path)), selection)
      #expect(profile.sampleCount == 1 && profile.health.isClean)
      var words: [UInt64] = []
      profile.groups.chains.copy(profile.groups.rows[0].chain, into: &words)
      return words
    }
  }

  private let recorded = [ChainMarker.kernel, 0xffff_ffff_8200_0000, ChainMarker.user, 0x40_9000]

  /// The newest branch's target, then the sources; empty entries are none.
  @Test(arguments: ByteWriter.Order.allCases) func branchesStandForTheChain(
    order: ByteWriter.Order
  ) throws {
    var values = SampleValues(time: 1, chain: recorded)
    values.branches = Self.newest
    let words = try chain(
      of: values, SampleBit.usual | SampleBit.branchStack, showsBranches: true, order)
    #expect(
      words == [
        CallchainContext.branches, ChainMarker.user, 0x40_2000, 0x40_1010, ChainMarker.kernel,
        0xffff_ffff_8100_0050, ChainMarker.user, 0x40_0100,
      ])
  }

  /// Unless asked for, branches change nothing; and what has none keeps its chain.
  @Test func otherwiseChainsAreAsRecorded() throws {
    var values = SampleValues(time: 1, chain: recorded)
    values.branches = Self.newest
    let type = SampleBit.usual | SampleBit.branchStack
    #expect(try chain(of: values, type) == recorded)
    values.branches = []
    #expect(try chain(of: values, type, showsBranches: true) == recorded)
    #expect(
      try chain(
        of: values, SampleBit.ip | SampleBit.tid | SampleBit.branchStack, showsBranches: true)
        == [ChainMarker.user, 0x40_1000])
  }

  /// `--call-graph lbr`: the kernel's part as recorded, then the processor's call stack.
  @Test func callStackOfTheProcessor() throws {
    var values = SampleValues(
      time: 1, chain: [ChainMarker.kernel, 0xffff_ffff_8200_0000, ChainMarker.user])
    values.branches = [(from: 0x40_1010, to: 0x40_2000), (from: 0x40_0100, to: 0x40_1000)]
    let words = try chain(of: values, SampleBit.usual | SampleBit.branchStack, kind: 1 << 11)
    #expect(
      words == [
        ChainMarker.kernel, 0xffff_ffff_8200_0000, CallchainContext.branches, ChainMarker.user,
        0x40_2000, 0x40_1010, 0x40_0100,
      ])
  }

  @Test func recordingsWithoutBranchesAreRefused() throws {
    let file = Place.recording("redis-linux").appendingPathComponent("perf.data").path
    let result = try runProgram(["fold", "--branch-stack", file])
    #expect(result.status == 2)
    #expect(result.stderr.contains("no branch stacks"), "\(result.stderr)")
  }
}
