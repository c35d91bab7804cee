import TestSupport
import Testing

@testable import Profiler

/// What stands behind a sample's call chain: `perf_event.h`, PERF_RECORD_SAMPLE.
@Suite struct SampleTailTests {
  /// Every field at once, each with a length of its own: written in the header's order by hand.
  @Test(arguments: ByteWriter.Order.allCases)
  func everyField(order: ByteWriter.Order) throws {
    var out = ByteWriter(order)
    out.integer(UInt64(0x1234))  // stands for whatever is before
    out.integer(UInt32(12))
    out.raw([UInt8](repeating: 7, count: 12))  // raw: 4 + 12 is a multiple of 8
    out.integers([2, 9, 1, 2, 3, 4, 5, 6, 70, 80] as [UInt64])  // nr, hw_idx, 2 entries, counters
    out.integers([2, 0xa, 0xb] as [UInt64])  // abi, the mask's two registers
    out.integer(UInt64(16))
    out.raw([UInt8](repeating: 8, count: 16))
    out.integer(UInt64(11))  // of the 16 bytes, 11 could be copied
    out.integers([100, 101, 102] as [UInt64])  // weight, data_src, transaction
    out.integers([1, 0xc] as [UInt64])  // regs_intr
    out.integers([103, 104, 105, 106] as [UInt64])  // phys_addr, cgroup, page sizes
    out.integers([3] as [UInt64])
    out.raw([1, 2, 3])
    let attribute = EventAttribute(
      type: 1, config: 0, samplePeriod: 1,
      sampleType: SampleType(rawValue: 0x1ff_fc00 & ~(1 << 16)),
      readFormat: [], flags: 0, branchSampleType: 1 << 17 | 1 << 19, userRegisters: 0b1001,
      interruptRegisters: 0b10)
    let tail = try SampleTail(
      of: out.bytes.span.bytes, from: 8, attribute, swapped: order == .big)
    #expect(tail.raw == 12..<24)
    #expect(tail.branches == 40..<88)
    #expect(tail.userRegisters?.abi == 2)
    #expect(tail.userRegisters?.words == 112..<128)
    #expect(tail.userStack == 136..<147)
    #expect(tail.weight == 160)
    #expect(tail.dataSource == 168)
    #expect(tail.cgroup == 208)
    #expect(tail.dataPageSize == 216)
    #expect(tail.codePageSize == 224)
    #expect(tail.aux == 240..<243)
  }

  /// A kernel thread's sample has `PERF_SAMPLE_REGS_ABI_NONE` and an empty stack copy.
  @Test func kernelThreadsHaveNoUserRegisters() throws {
    let words: [UInt64] = [0, 0]
    let tail = try SampleTail(
      of: words.span.bytes, from: 0,
      .with(sampleType: SampleType.userRegisters.union(.userStack).rawValue), swapped: false)
    #expect(tail.userRegisters == nil)
    #expect(tail.userStack == 16..<16)
  }

  /// Lengths that don't fit are refused by name, however absurd.
  @Test(arguments: [
    (SampleType.raw, "raw"), (.branchStack, "branch_stack"), (.userStack, "stack_user"),
    (.aux, "aux"),
  ])
  func absurdLengths(field: SampleType, name: String) {
    let words: [UInt64] = [.max, 1]
    let error = #expect(throws: SampleLayoutError.self) {
      try SampleTail(
        of: words.span.bytes, from: 0, .with(sampleType: field.rawValue), swapped: false)
    }
    #expect(error?.field == name)
  }
}
