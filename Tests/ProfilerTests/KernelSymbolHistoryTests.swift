import Foundation
import TestSupport
import Testing

@testable import Profiler

/// Kernel code that comes and goes: `PERF_RECORD_KSYMBOL` applied by time.
@Suite struct KernelSymbolHistoryTests {
  private static let place: UInt64 = 0xffff_ffff_c000_1000

  /// Two programs at one place, one behind the other, in a file out of order; then nothing there.
  @Test(arguments: ByteWriter.Order.allCases) func namesAreThoseOfTheTime(
    order: ByteWriter.Order
  ) throws {
    var builder = PerfDataBuilder(order, attributes: [.init(SampleBit.usual)])
    func sample(_ time: UInt64, _ address: UInt64) {
      builder.sample(SampleValues(time: time, chain: [ChainMarker.kernel, address]), misc: 1)
    }
    builder.comm("load", time: 1)
    sample(25, Self.place + 0x10)
    sample(45, Self.place + 0x10)
    sample(15, Self.place + 0x10)
    sample(65, Self.place + 0x10)
    sample(66, Self.place + 0x200)  // behind the symbol
    sample(5, Self.place + 0x2010)  // there from the beginning: synthesized with time 0
    builder.ksymbol("bpf_prog_b", start: Self.place, length: 0x80, time: 30)
    builder.ksymbol("bpf_prog_b", start: Self.place, length: 0x80, time: 50, isGone: true)
    builder.ksymbol("bpf_prog_a", start: Self.place, length: 0x100, time: 10)
    builder.ksymbol("bpf_prog_a", start: Self.place, length: 0x100, time: 20, isGone: true)
    builder.ksymbol("ftrace_trampoline", start: Self.place + 0x2000, length: 0x100, time: 0)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("perf.data")
      try Data(builder.bytes).write(to: file)
      for threads in ["1", "2"] {
        let folded = try runProgram(["fold", "-q", "--threads", threads, file.path])
        #expect(
          folded.lines == [
            "load;[unknown] 3", "load;bpf_prog_a 1", "load;bpf_prog_b 1",
            "load;ftrace_trampoline 1",
          ])
      }
    }
  }

  /// A program whose end was lost gives way to the next one at its place.
  @Test func lostEndsAreMadeUp() {
    var history = KernelSymbolHistory()
    history.add(.init(start: 0x1000, length: 0x100, isGone: false, name: "a"), at: 10)
    history.add(.init(start: 0x1000, length: 0x100, isGone: false, name: "b"), at: 20)
    history.add(.init(start: 0x1000, length: 0x100, isGone: false, name: "b"), at: 30)
    history.seal()
    #expect(history.boundaries == [20])
    func name(_ time: UInt64) -> String? {
      history.row(covering: 0x10ff, in: history.epoch(at: time)).map(history.name)
    }
    #expect([name(10), name(19), name(20), name(99)] == ["a", "a", "b", "b"])
    #expect(history.row(covering: 0x1100, in: 0) == nil)
  }
}
