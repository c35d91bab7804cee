/// What the feature sections after the records say about the machine and the recording.
///
/// Source: `tools/perf/Documentation/perf.data-file-format.txt`.
public struct FeatureSections: Sendable {
  /// `HEADER_HOSTNAME`, `_OSRELEASE`, `_VERSION`, `_ARCH`, `_CPUDESC`, `_CPUID`.
  public internal(set) var hostname: String?
  /// Release of the kernel that ran.
  public internal(set) var osRelease: String?
  /// Version of the perf that recorded.
  public internal(set) var perfVersion: String?
  /// Machine name, as `uname -m`.
  public internal(set) var arch: String?
  /// Name of the CPU.
  public internal(set) var cpuDescription: String?
  /// Vendor, family, model and stepping.
  public internal(set) var cpuID: String?
  /// Number of CPUs online when recording.
  public internal(set) var cpusOnline: UInt32?
  /// Number of CPUs the machine has.
  public internal(set) var cpusAvailable: UInt32?
  /// Memory in kB.
  public internal(set) var totalMemory: UInt64?
  /// perf's arguments.
  public internal(set) var commandLine: [String] = []
  /// Times of the first and last sample, in nanoseconds of the recording's clock.
  public internal(set) var sampleTime: ClosedRange<UInt64>?
  /// Build-ids of images that samples fell into, in the order of the file.
  public internal(set) var buildIDs: [ImageBuildID] = []
  /// Names of the events and the ids they go by.
  public internal(set) var eventNames: [(name: String, ids: [UInt64])] = []
  /// Whether records are compressed.
  public internal(set) var isCompressed = false
  /// Where the formats of the tracepoints are (`HEADER_TRACING_DATA`; in pipe mode what follows
  /// `PERF_RECORD_HEADER_TRACING_DATA`).
  public internal(set) var tracingData: FileSection?
  /// Sections that could not be read: number and reason.
  public internal(set) var unreadable: [(feature: Int, error: PerfDataError)] = []
}

/// An image and its build-id, from `HEADER_BUILD_ID`.
public struct ImageBuildID: Sendable, Equatable {
  /// Path as recorded; `[kernel.kallsyms]` for the kernel.
  public let path: String
  /// The id.
  public let buildID: BuildID
  /// The CPU mode its code runs in: 1 kernel, 2 user.
  public let cpuMode: UInt8
}
