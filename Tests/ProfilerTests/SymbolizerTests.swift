import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Resolving with several threads: each works on a stretch of the groups.
@Suite struct SymbolizerTests {
  private static let outer: UInt64 = 0xffff_ffff_8100_0000
  private static let inner: UInt64 = 0xffff_ffff_8200_0000
  private static let kernelMode: UInt16 = 1

  /// 30,000 distinct chains of three processes, which are the same three stacks of functions.
  @Test(arguments: [1, 2, 3, 64]) func threadsAgree(workers: Int) throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    for pid in 1...3 { file.comm("task\(pid)", pid: Int32(pid), time: 0) }
    for number in 0..<UInt64(30_000) {
      let chain = [ChainMarker.kernel, Self.inner + number % 100, Self.outer + 1 + number / 100]
      file.sample(
        SampleValues(time: 1 + number, chain: chain, pid: Int32(1 + number % 3)),
        misc: Self.kernelMode)
    }
    let text = "ffffffff81000000 T outer\nffffffff82000000 T inner\nffffffff83000000 T _etext\n"
    let kernel = KernelSymbols(try Kallsyms(text: Array(text.utf8), path: "kallsyms").symbols)
    let profile = try read(file.bytes, keepsSamples: false, workers: workers)
    #expect(profile.groupCount == 30_000)
    let folded = Symbolizer(kernel: kernel, source: NoImages(), workers: workers)
      .fold(profile, weighting: .samples)
    #expect(folded.weight == [10_000, 10_000, 10_000])
    #expect(folded.functions.map(\.symbol) == ["inner", "outer"])
    #expect(folded.frames == [0, 1, 0, 1, 0, 1])
  }
}
