/// `PERF_SAMPLE_*`, `perf_event.h`.
public enum SampleBit {
  /// The sampled instruction.
  public static let ip: UInt64 = 1 << 0
  /// Process and thread.
  public static let tid: UInt64 = 1 << 1
  /// Time.
  public static let time: UInt64 = 1 << 2
  /// Data address.
  public static let addr: UInt64 = 1 << 3
  /// Counter values.
  public static let read: UInt64 = 1 << 4
  /// Call chain.
  public static let callchain: UInt64 = 1 << 5
  /// The event's id.
  public static let id: UInt64 = 1 << 6
  /// CPU.
  public static let cpu: UInt64 = 1 << 7
  /// Period.
  public static let period: UInt64 = 1 << 8
  /// The id of the counter.
  public static let streamID: UInt64 = 1 << 9
  /// The tracepoint's payload.
  public static let raw: UInt64 = 1 << 10
  /// The last branches.
  public static let branchStack: UInt64 = 1 << 11
  /// The event's id once more, at a place of its own.
  public static let identifier: UInt64 = 1 << 16

  /// What `perf record -g` asks for.
  public static let usual = ip | tid | time | callchain | period
}

/// Call chain entries that are no addresses, `PERF_CONTEXT_*`.
public enum ChainMarker {
  /// What follows is the kernel's.
  public static let kernel = UInt64(bitPattern: -128)
  /// What follows is user mode's.
  public static let user = UInt64(bitPattern: -512)
}

/// The values of a sample; which of them are written is decided by the event's `sample_type`.
public struct SampleValues: Sendable {
  /// The sampled instruction.
  public var ip: UInt64 = 0x401000
  /// Thread group.
  public var pid: Int32 = 100
  /// Thread.
  public var tid: Int32 = 100
  /// Nanoseconds.
  public var time: UInt64 = 0
  /// Data address.
  public var addr: UInt64 = 0xadd7
  /// The event's id.
  public var id: UInt64 = 1
  /// The counter's id.
  public var streamID: UInt64 = 0x57ea
  /// CPU.
  public var cpu: UInt32 = 3
  /// Events since the last sample.
  public var period: UInt64 = 1
  /// Words of the counter values as they stand in the record.
  public var read: [UInt64] = []
  /// Call chain, leaf first, with markers.
  public var chain: [UInt64] = []
  /// In place of the true number of entries.
  public var claimedChainCount: UInt64?
  /// A tracepoint's payload.
  public var raw: [UInt8] = [1, 2, 3, 4]
  /// The last branches, the newest first.
  public var branches: [(from: UInt64, to: UInt64)] = []

  /// A sample of thread 100 at a time, with a chain.
  public init(time: UInt64 = 0, chain: [UInt64] = [], pid: Int32 = 100, tid: Int32? = nil) {
    self.time = time
    self.chain = chain
    self.pid = pid
    self.tid = tid ?? pid
  }
}

extension PerfDataBuilder {
  /// Appends a sample of the event at `index`.
  public mutating func sample(_ values: SampleValues, of index: Int = 0, misc: UInt16 = 2) {
    record(9, misc: misc, body: encoded(values, sampleType: attributes[index].sampleType))
  }

  /// A sample's body, in the order that `perf_event.h` gives.
  public func encoded(_ values: SampleValues, sampleType: UInt64) -> [UInt8] {
    body { out in
      func has(_ bit: UInt64) -> Bool { sampleType & bit != 0 }
      if has(SampleBit.identifier) { out.integer(values.id) }
      if has(SampleBit.ip) { out.integer(values.ip) }
      if has(SampleBit.tid) { out.integers([values.pid, values.tid]) }
      if has(SampleBit.time) { out.integer(values.time) }
      if has(SampleBit.addr) { out.integer(values.addr) }
      if has(SampleBit.id) { out.integer(values.id) }
      if has(SampleBit.streamID) { out.integer(values.streamID) }
      if has(SampleBit.cpu) { out.integers([values.cpu, 0]) }
      if has(SampleBit.period) { out.integer(values.period) }
      if has(SampleBit.read) { out.integers(values.read) }
      if has(SampleBit.callchain) {
        out.integer(values.claimedChainCount ?? UInt64(values.chain.count))
        out.integers(values.chain)
      }
      if has(SampleBit.raw) {
        out.integer(UInt32(values.raw.count))
        out.raw(values.raw)
      }
      if has(SampleBit.branchStack) {
        out.integer(UInt64(values.branches.count))
        for branch in values.branches { out.integers([branch.from, branch.to, 0]) }
      }
    }
  }

  /// The `sample_id` behind every other record of the event at `index`.
  private func trailer(time: UInt64, pid: Int32, tid: Int32, of index: Int) -> [UInt8] {
    guard attributes.indices.contains(index),
      attributes[index].flags & Flag.sampleIDAll != 0
    else { return [] }
    let type = attributes[index].sampleType
    let id = attributes[index].ids.first ?? 0
    return body { out in
      if type & SampleBit.tid != 0 { out.integers([pid, tid]) }
      if type & SampleBit.time != 0 { out.integer(time) }
      if type & SampleBit.id != 0 { out.integer(id) }
      if type & SampleBit.streamID != 0 { out.integer(id) }
      if type & SampleBit.cpu != 0 { out.integers([UInt32(0), 0]) }
      if type & SampleBit.identifier != 0 { out.integer(id) }
    }
  }

  /// Appends a `PERF_RECORD_COMM`.
  public mutating func comm(
    _ name: String, pid: Int32 = 100, tid: Int32? = nil, time: UInt64, of index: Int = 0
  ) {
    let end = trailer(time: time, pid: pid, tid: tid ?? pid, of: index)
    record(
      3,
      body: body {
        $0.integers([pid, tid ?? pid])
        $0.text(name)
        $0.raw(end)
      })
  }

  /// Appends a `PERF_RECORD_FORK`; misc bit 13 is perf's own for tasks that ran before.
  public mutating func fork(
    pid: Int32, tid: Int32? = nil, parent: Int32, parentTID: Int32? = nil, time: UInt64,
    misc: UInt16 = 0
  ) {
    let end = trailer(time: time, pid: pid, tid: tid ?? pid, of: 0)
    record(
      7, misc: misc,
      body: body {
        $0.integers([pid, parent, tid ?? pid, parentTID ?? parent])
        $0.integer(time)
        $0.raw(end)
      })
  }

  /// Appends a `PERF_RECORD_MMAP2`; with an id, misc bit 14 and the id in place of device and inode.
  public mutating func mmap2(
    _ path: String, pid: Int32 = 100, start: UInt64, length: UInt64, pageOffset: UInt64 = 0,
    time: UInt64 = 0, misc: UInt16 = 2, buildID: [UInt8]? = nil, of index: Int = 0
  ) {
    let end = trailer(time: time, pid: pid, tid: pid, of: index)
    record(
      10, misc: misc | (buildID == nil ? 0 : 1 << 14),
      body: body { out in
        out.integers([pid, pid])
        out.integers([start, length, pageOffset])
        if let buildID {
          out.raw([UInt8(buildID.count), 0, 0, 0])
          out.raw((buildID + [UInt8](repeating: 0, count: 20)).prefix(20))
        } else {
          out.integers([UInt32(8), 1])
          out.integers([UInt64(1234), 0])
        }
        out.integers([UInt32(5), 2])  // PROT_READ | PROT_EXEC, MAP_PRIVATE
        out.text(path)
        out.raw(end)
      })
  }

  /// Appends a `PERF_RECORD_KSYMBOL`: code that came, or that goes.
  public mutating func ksymbol(
    _ name: String, start: UInt64, length: UInt32, time: UInt64, isGone: Bool = false
  ) {
    let end = trailer(time: time, pid: 0, tid: 0, of: 0)
    record(
      17,
      body: body { out in
        out.integer(start)
        out.integer(length)
        out.integers([UInt16(1), isGone ? 1 : 0])
        out.text(name)
        out.raw(end)
      })
  }

  /// Appends the older `PERF_RECORD_MMAP`.
  public mutating func mmap(
    _ path: String, pid: Int32 = 100, start: UInt64, length: UInt64, pageOffset: UInt64 = 0,
    time: UInt64 = 0, misc: UInt16 = 2
  ) {
    let end = trailer(time: time, pid: pid, tid: pid, of: 0)
    record(
      1, misc: misc,
      body: body { out in
        out.integers([pid, pid])
        out.integers([start, length, pageOffset])
        out.text(path)
        out.raw(end)
      })
  }

  /// Appends a `PERF_RECORD_COMPRESSED` (81).
  public mutating func compressed(_ payload: some Sequence<UInt8>) {
    record(81, body: Array(payload))
  }

  /// Appends a `PERF_RECORD_COMPRESSED2` (83): the payload's size, the payload, padding to 8.
  public mutating func compressed2(_ payload: some Sequence<UInt8>) {
    let bytes = Array(payload)
    record(
      83,
      body: body {
        $0.integer(UInt64(bytes.count))
        $0.raw(bytes)
        $0.raw([UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8))
      })
  }
}
