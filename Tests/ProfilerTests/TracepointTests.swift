import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Fields of tracepoints: descriptors and sizes of calls, waits of threads.
@Suite struct TracepointTests {
  private static let sampleType =
    SampleBit.ip | SampleBit.tid | SampleBit.time | SampleBit.callchain | SampleBit.raw
    | SampleBit.identifier

  /// Event 0 is sched_switch (id 312), event 1 sys_enter_read (id 700), event 2 cpu-clock.
  private func builder(_ order: ByteWriter.Order = .little) -> PerfDataBuilder {
    var attributes: [PerfDataBuilder.Attribute] = []
    for (id, config) in [(UInt64(1), UInt64(312)), (2, 700), (3, 0)] {
      var attribute = PerfDataBuilder.Attribute(Self.sampleType, ids: [id])
      attribute.type = config == 0 ? 1 : 2
      attribute.config = config
      attributes.append(attribute)
    }
    var data = TracingDataBuilder(order)
    data.systems = [
      ("sched", [TracingDataBuilder.schedSwitch(id: 312)]),
      ("syscalls", [TracingDataBuilder.sysEnterRead(id: 700)]),
    ]
    var builder = PerfDataBuilder(order, attributes: attributes)
    builder.features.append((1, data.bytes))
    return builder
  }

  private func add(
    _ raw: [UInt8], id: UInt64, time: UInt64, tid: Int32, chain: [UInt64],
    to builder: inout PerfDataBuilder
  ) {
    var values = SampleValues(time: time, chain: [ChainMarker.kernel] + chain, pid: tid, tid: tid)
    values.id = id
    values.raw = raw
    builder.sample(values, misc: 1)
  }

  /// A thread stops, another begins.
  private func change(
    _ from: Int32, _ to: Int32, at time: UInt64, chain: [UInt64] = [0xffff_ffff_8100_0000],
    in builder: inout PerfDataBuilder
  ) {
    let raw = builder.body {
      $0.integers([UInt16(312), 0])
      $0.integer(from)
      $0.raw([UInt8](repeating: 0x61, count: 16))
      $0.integers([from, 120])
      $0.integer(UInt64(1))
      $0.raw([UInt8](repeating: 0x62, count: 16))
      $0.integers([to, 120])
      $0.integer(UInt32(0))  // as in a real record: u32 length and data are a multiple of 8
    }
    add(raw, id: 1, time: time, tid: from, chain: chain, to: &builder)
  }

  private func enterRead(
    _ tid: Int32, at time: UInt64, fd: UInt64, count: UInt64, in builder: inout PerfDataBuilder
  ) {
    let raw = builder.body {
      $0.integers([UInt16(700), 0])
      $0.integer(tid)
      $0.integers([UInt32(0), 0])
      $0.integers([fd, 0x7fff_0000, count])
      $0.integer(UInt32(0))
    }
    add(raw, id: 2, time: time, tid: tid, chain: [0xffff_ffff_8200_0000], to: &builder)
  }

  private func read(
    _ builder: PerfDataBuilder, _ change: (inout SampleSelection) -> Void
  ) throws -> Profile {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("perf.data").path
      try Data(builder.bytes).write(to: URL(fileURLWithPath: path))
      var selection = SampleSelection()
      change(&selection)
      return Profile.read(try PerfDataFile.open(FilePath(path)), selection)
    }
  }

  @Test(arguments: ByteWriter.Order.allCases) func formatsNameEvents(
    order: ByteWriter.Order
  ) throws {
    var builder = builder(order)
    enterRead(8, at: 10, fd: 4, count: 512, in: &builder)
    let profile = try read(builder) { _ in }
    #expect(
      profile.attributes.map(\.shownName).prefix(2) == [
        "sched:sched_switch", "syscalls:sys_enter_read",
      ])
    #expect(profile.switchEvents == [0])
    #expect(profile.health.unreadableFeatures.isEmpty)
  }

  @Test(arguments: ByteWriter.Order.allCases) func callsHaveDescriptorsAndSizes(
    order: ByteWriter.Order
  ) throws {
    var builder = builder(order)
    // Not in the order of time; thread 8's sample at 25 was taken in its read of descriptor 5.
    add([], id: 3, time: 25, tid: 8, chain: [0xffff_ffff_8300_0000], to: &builder)
    enterRead(8, at: 10, fd: 4, count: 512, in: &builder)
    enterRead(8, at: 20, fd: 5, count: 100, in: &builder)
    enterRead(9, at: 22, fd: 6, count: 7, in: &builder)
    enterRead(8, at: 30, fd: 4, count: 512, in: &builder)
    let profile = try read(builder) { $0.wantsCallArguments = true }
    let calls = profile.callArguments
    let entries = calls.filter {
      profile.groups.circumstances[Int(profile.groups.rows[$0.key].circumstance)].event == 1
    }
    var all = CallArguments()
    for value in entries.values { all.merge(value) }
    #expect(all.descriptors == [4: 2, 5: 1, 6: 1])
    #expect(all.sizes == [512: 2, 100: 1, 7: 1])
    let inside = calls.filter { !entries.keys.contains($0.key) }.values
    #expect(inside.map(\.descriptors) == [[5: 1]])
    #expect(inside.first?.of(event: 1).sizes == [100: 1])
    #expect(inside.first?.of(event: 0) == CallArguments())
  }

  /// Thread 7 waits 100…250 and 300…(never); 8 waits 250…300; the idle task doesn't wait.
  @Test(arguments: ByteWriter.Order.allCases) func waitsAreCountedByTheirStacks(
    order: ByteWriter.Order
  ) throws {
    var builder = builder(order)
    let (slept, preempted) = ([UInt64(0xffff_ffff_8100_0010)], [UInt64(0xffff_ffff_8100_0020)])
    change(7, 8, at: 300, chain: slept, in: &builder)  // another CPU's buffer: first in the file
    change(7, 0, at: 100, chain: slept, in: &builder)
    change(0, 8, at: 120, in: &builder)
    change(8, 7, at: 250, chain: preempted, in: &builder)
    let profile = try read(builder) { $0 = .switches }
    let waits = OffCPU(profile, SampleSelection())
    #expect(waits.waits == 2)
    #expect(waits.unfinished == 1)
    let weighed = waits.weighing(profile)
    var found: [UInt64: [UInt64]] = [:]
    for group in weighed.groups.rows where group.samples > 0 {
      var words: [UInt64] = []
      weighed.groups.chains.copy(group.chain, into: &words)
      found[words[1]] = [group.samples, group.period]
    }
    #expect(found == [slept[0]: [1, 150], preempted[0]: [1, 50]])
  }

  /// Nothing says when thread 7 is switched in: it ran at 150, and at 400 at the latest.
  @Test func samplesEndWaitsThatNothingElseEnds() throws {
    var builder = builder()
    change(7, 0, at: 100, in: &builder)
    var running = SampleValues(time: 150, chain: [ChainMarker.kernel, 1], pid: 7, tid: 7)
    running.id = 3
    builder.sample(running, misc: 1)
    change(7, 0, at: 200, in: &builder)
    change(7, 0, at: 400, in: &builder)
    let profile = try read(builder) { $0 = .switches }
    let waits = OffCPU(profile, SampleSelection())
    #expect((waits.waits, waits.bounded, waits.unfinished) == (2, 2, 1))
    let weighed = waits.weighing(profile)
    #expect(weighed.groups.rows.reduce(0) { $0 + $1.period } == 50 + 200)
  }

  /// A recording of one thread: only PERF_RECORD_SWITCH says when it runs again.
  @Test func switchRecordsEndWaits() throws {
    var builder = builder()
    change(7, 1, at: 100, in: &builder)
    let trailer = builder.body {
      $0.integers([UInt32(7), 7])
      $0.integers([UInt64(160), 1])  // time and id
    }
    builder.record(14, misc: 1 << 13, body: trailer)  // out: not an end
    builder.record(
      14,
      body: builder.body {
        $0.integers([UInt32(7), 7])
        $0.integers([UInt64(190), 1])
      })
    let profile = try read(builder) { $0 = .switches }
    let waits = OffCPU(profile, SampleSelection())
    #expect(waits.waits == 1 && waits.unfinished == 0)
    #expect(waits.weighing(profile).groups.rows.map(\.period) == [90])
  }

  /// Tracing data cut anywhere: the samples are read, and the loss is said.
  @Test func cutTracingDataAreSaid() throws {
    let whole = builder().features[0].bytes
    for length in stride(from: 1, to: whole.count - 1, by: 97) {
      var builder = builder()
      builder.features[0].bytes = Array(whole.prefix(length))
      enterRead(8, at: 10, fd: 4, count: 512, in: &builder)
      let profile = try read(builder) { $0.wantsCallArguments = true }
      #expect(profile.sampleCount == 1)
      #expect(profile.health.unreadableFeatures.count == 1, "cut to \(length)")
    }
  }

  /// The descriptors and sizes of every call in a real recording, by what perf prints of them.
  @Test(arguments: ["redis-ukl-calls", "zoo-ukl-calls"]) func callsArePerfs(name: String) throws {
    guard let perf = Place.tool("perf") else { return skipped("perf is not installed") }
    let file = Place.recording(name).appendingPathComponent("perf.data")
    let printed = try run(
      perf, ["script", "-i", file.path, "--force", "-F", "event,trace"])
    var perfs: [String: UInt64] = [:]
    for line in printed.lines where line.contains("sys_enter_") {
      // syscalls:sys_enter_read: fd: 0x0000000c, buf: 0x7f4c00, count: 0x00004002
      let words = line.split { " ,:".contains($0) }.map(String.init)
      func value(_ names: [String]) -> String {
        let place = names.compactMap { words.firstIndex(of: $0) }.first
        return place.map { String(UInt64(words[$0 + 1].dropFirst(2), radix: 16) ?? 0) } ?? "-"
      }
      perfs[
        "\(words[1]) \(value(["fd", "epfd", "out_fd"])) \(value(["count", "size", "len"]))",
        default: 0] += 1
    }
    try #require(!perfs.isEmpty)
    var selection = SampleSelection()
    selection.wantsCallArguments = true
    let profile = Profile.read(try PerfDataFile.open(FilePath(file.path)), selection)
    var ours: [String: UInt64] = [:]
    for (call, count) in profile.callArguments.values.flatMap(\.counts) {
      let name = profile.eventName(call.event).split(separator: ":")[1]
      let descriptor = call.descriptor.map { String(UInt32(bitPattern: $0)) } ?? "-"
      ours["\(name) \(descriptor) \(call.size.map(String.init) ?? "-")", default: 0] += count
    }
    #expect(ours == perfs)
  }
}
