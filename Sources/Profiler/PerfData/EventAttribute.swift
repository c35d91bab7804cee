/// How one event was recorded: the fields of `struct perf_event_attr` that decide how its samples
/// are laid out and what they mean.
///
/// Source: `include/uapi/linux/perf_event.h` (Linux 6.12).
public struct EventAttribute: Sendable, Equatable {
  /// `PERF_TYPE_*`: 0 hardware, 1 software, 2 tracepoint, …
  public let type: UInt32
  /// Event number within `type`; for a tracepoint its id.
  public let config: UInt64
  /// Period, or frequency in Hz where ``isFrequency``.
  public let samplePeriod: UInt64
  /// Which fields a sample has.
  public let sampleType: SampleType
  /// Layout of counter values, `PERF_FORMAT_*`.
  public let readFormat: ReadFormat
  /// The bit field after `read_format`.
  public let flags: UInt64
  /// `PERF_SAMPLE_BRANCH_*`.
  public let branchSampleType: UInt64
  /// Registers of user mode in each sample, one bit each.
  public let userRegisters: UInt64
  /// Registers at the interrupt in each sample, one bit each.
  public let interruptRegisters: UInt64
  /// Ids that name this event in records.
  public internal(set) var ids: [UInt64] = []
  /// The name the user gave on perf's command line, where the recording has it.
  public internal(set) var name: String?

  /// `PERF_TYPE_TRACEPOINT`.
  public var isTracepoint: Bool { type == 2 }
  /// Whether `samplePeriod` is a frequency.
  public var isFrequency: Bool { flags >> 10 & 1 == 1 }
  /// Whether children of the recorded tasks are counted too, each by counters of its own.
  public var isInherited: Bool { flags >> 1 & 1 == 1 }
  /// Whether records other than samples end in a `sample_id`.
  public var hasSampleIDAll: Bool { flags >> 18 & 1 == 1 }
  /// Whether the kernel may record user mode's part of call chains later (`defer_callchain`, Linux
  /// 6.19).
  var defersCallchain: Bool { flags >> 38 & 1 == 1 }
  /// Whether samples carry a call chain.
  public var hasCallchain: Bool { sampleType.contains(.callchain) }
  /// Whether samples carry a copy of the user stack, so that their chains have no user part.
  var hasUserStack: Bool { sampleType.contains([.callchain, .userRegisters, .userStack]) }
}

/// `PERF_SAMPLE_*`: the fields of a sample, in the order of their bits unless noted.
public struct SampleType: OptionSet, Sendable, Hashable {
  /// The bits of `perf_event_attr.sample_type`.
  public let rawValue: UInt64
  /// Wraps the bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  static let ip = SampleType(rawValue: 1 << 0)
  static let tid = SampleType(rawValue: 1 << 1)
  static let time = SampleType(rawValue: 1 << 2)
  static let addr = SampleType(rawValue: 1 << 3)
  static let read = SampleType(rawValue: 1 << 4)
  static let callchain = SampleType(rawValue: 1 << 5)
  static let id = SampleType(rawValue: 1 << 6)
  static let cpu = SampleType(rawValue: 1 << 7)
  static let period = SampleType(rawValue: 1 << 8)
  static let streamID = SampleType(rawValue: 1 << 9)
  static let raw = SampleType(rawValue: 1 << 10)
  /// First in the sample and last in a `sample_id`, so that it is found without the layout.
  static let identifier = SampleType(rawValue: 1 << 16)
}

/// `PERF_FORMAT_*`: the layout of the counter values in a sample.
public struct ReadFormat: OptionSet, Sendable, Hashable {
  /// The bits of `perf_event_attr.read_format`.
  public let rawValue: UInt64
  /// Wraps the bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  static let totalTimeEnabled = ReadFormat(rawValue: 1)
  static let totalTimeRunning = ReadFormat(rawValue: 2)
  static let id = ReadFormat(rawValue: 4)
  static let group = ReadFormat(rawValue: 8)
  static let lost = ReadFormat(rawValue: 16)

  /// Number of u64 words before the values of a group, its count included; 0 without a group.
  var groupHeadWords: Int {
    1 + (contains(.totalTimeEnabled) ? 1 : 0) + (contains(.totalTimeRunning) ? 1 : 0)
  }

  /// Number of u64 words of each value.
  var valueWords: Int { 1 + (contains(.id) ? 1 : 0) + (contains(.lost) ? 1 : 0) }
}
