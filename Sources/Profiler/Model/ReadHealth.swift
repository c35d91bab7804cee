/// What a recording lacks or what of it could not be used; every count is said to the user.
public struct ReadHealth: Sendable {
  /// Events the kernel dropped because the buffer was full (`PERF_RECORD_LOST`).
  public internal(set) var lost: UInt64 = 0
  /// Samples the hardware or the kernel dropped (`PERF_RECORD_LOST_SAMPLES`).
  public internal(set) var lostSamples: UInt64 = 0
  /// Times the kernel throttled an event.
  public internal(set) var throttled: UInt64 = 0
  /// Records of a type this program doesn't know.
  public internal(set) var unknownRecords: UInt64 = 0
  /// Records that could not be used; the first ``keptErrors`` of them with their reason.
  public internal(set) var skippedCount: UInt64 = 0
  /// The first records that could not be used.
  public internal(set) var skipped: [PerfDataError] = []
  /// Where the data ends inside a record, if it does.
  public internal(set) var truncatedAt: UInt64?
  /// Bytes of hardware traces (`PERF_RECORD_AUXTRACE`), which are skipped.
  public internal(set) var auxtraceBytes: UInt64 = 0
  /// Samples that carry a piece of a hardware trace, which is skipped too.
  public internal(set) var auxSamples: UInt64 = 0
  /// Samples whose call chain's user part was to be recorded later and is not there.
  public internal(set) var unfinishedChains: UInt64 = 0
  /// Samples whose user stack is of a machine, or in a byte order, that can't be followed here.
  public internal(set) var foreignStacks: UInt64 = 0
  /// Feature sections that could not be read.
  public internal(set) var unreadableFeatures: [PerfDataError] = []

  /// How many reasons are kept; the rest is only counted.
  public static let keptErrors = 16

  /// Whether everything in the file was used and nothing was lost while recording.
  public var isClean: Bool {
    lost == 0 && lostSamples == 0 && throttled == 0 && unknownRecords == 0 && skippedCount == 0
      && truncatedAt == nil && unreadableFeatures.isEmpty && unfinishedChains == 0
      && foreignStacks == 0
  }

  mutating func skip(_ error: PerfDataError) {
    skippedCount += 1
    if skipped.count < ReadHealth.keptErrors { skipped.append(error) }
  }

  /// Adds what a reader of a later part found.
  mutating func merge(_ other: ReadHealth) {
    lost.addClamped(other.lost)
    lostSamples.addClamped(other.lostSamples)
    throttled.addClamped(other.throttled)
    unknownRecords.addClamped(other.unknownRecords)
    skippedCount.addClamped(other.skippedCount)
    let all = (skipped + other.skipped).enumerated().sorted {
      ($0.element.fileOffset, $0.offset) < ($1.element.fileOffset, $1.offset)
    }
    skipped = all.prefix(ReadHealth.keptErrors).map(\.element)
    if truncatedAt == nil { truncatedAt = other.truncatedAt }
    unfinishedChains.addClamped(other.unfinishedChains)
    foreignStacks.addClamped(other.foreignStacks)
    unreadableFeatures += other.unreadableFeatures
  }
}
