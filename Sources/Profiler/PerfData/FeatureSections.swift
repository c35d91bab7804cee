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
  /// Which events were recorded as groups.
  public internal(set) var groups: [EventGroup] = []
  /// How the machine's processors belong together.
  public internal(set) var cpuTopology: CPUTopology?
  /// The machine's memory nodes.
  public internal(set) var nodes: [MemoryNode] = []
  /// Numbers of the machine's sources of events (`PERF_TYPE_*` from 5 on change with each boot).
  public internal(set) var pmus: [PMU] = []
  /// Processors by their kind, on machines that have several kinds.
  public internal(set) var hybridCPUs: [(pmu: String, cpus: String)] = []
  /// What sources of events can do, as `name=value`.
  public internal(set) var capabilities: [(pmu: String, capabilities: [String])] = []
  /// The processors' caches.
  public internal(set) var caches: [Cache] = []
  /// Bytes of a block of memory that can be taken out; with it the number of nodes.
  public internal(set) var memoryBlocks: (size: UInt64, nodes: UInt64)?
  /// Nanoseconds between two ticks of the clock asked for with `perf record -k`.
  public internal(set) var clockResolution: UInt64?
  /// Which time of day a time of the recording's clock was.
  public internal(set) var clock: ClockReference?
  /// Version of a folder's form.
  public internal(set) var directoryVersion: UInt64?
  /// Number of BPF programs.
  public internal(set) var bpfPrograms: UInt32?
  /// Number of descriptions of their types.
  public internal(set) var bpfTypes: UInt32?
  /// How records are compressed, if they are.
  public internal(set) var compression: Compression?
  /// Whether branch stacks, hardware traces or counts of `perf stat` are in it, as its header says.
  public internal(set) var marks: Set<Mark> = []
  /// Where the formats of the tracepoints are (`HEADER_TRACING_DATA`; in pipe mode what follows
  /// `PERF_RECORD_HEADER_TRACING_DATA`).
  public internal(set) var tracingData: FileSection?
  /// Sections that could not be read: number and reason.
  public internal(set) var unreadable: [(feature: Int, error: PerfDataError)] = []
}

extension FeatureSections {
  /// Events counted together: `HEADER_GROUP_DESC`.
  public struct EventGroup: Sendable, Equatable {
    /// `anon_group` for one without a name.
    public let name: String
    /// Index of the first event.
    public let leader: UInt32
    /// Number of events.
    public let members: UInt32
  }

  /// `HEADER_CPU_TOPOLOGY`: lists of CPUs, `0-3,8`, and the place of each.
  public struct CPUTopology: Sendable, Equatable {
    /// CPUs in one package.
    public internal(set) var packages: [String] = []
    /// CPUs that are threads of one core.
    public internal(set) var cores: [String] = []
    /// CPUs on one die.
    public internal(set) var dies: [String] = []
    /// Core, package and die of each CPU, as far as it is known.
    public internal(set) var cpus: [CPU] = []

    /// The place of a CPU.
    public struct CPU: Sendable, Equatable {
      /// Number of its core.
      public let core: UInt32
      /// Number of its package.
      public let package: UInt32
      /// Number of its die.
      public internal(set) var die: UInt32?
    }
  }

  /// `HEADER_NUMA_TOPOLOGY`.
  public struct MemoryNode: Sendable, Equatable {
    /// Number of the node.
    public let node: UInt32
    /// Memory in kB.
    public let total: UInt64
    /// Free when recording, in kB.
    public let free: UInt64
    /// Its CPUs.
    public let cpus: String
  }

  /// `HEADER_PMU_MAPPINGS`.
  public struct PMU: Sendable, Equatable {
    /// Its name in `/sys/bus/event_source/devices`.
    public let name: String
    /// What stands in ``EventAttribute/type``.
    public let type: UInt32
  }

  /// `HEADER_CACHE`.
  public struct Cache: Sendable, Equatable {
    /// 1 nearest to the core.
    public let level: UInt32
    /// Bytes of a line.
    public let lineSize: UInt32
    /// Number of sets.
    public let sets: UInt32
    /// Lines of a set.
    public let ways: UInt32
    /// `Data`, `Instruction`, `Unified`.
    public let type: String
    /// As the kernel writes it, `32K`.
    public let size: String
    /// CPUs that share it.
    public let cpus: String
  }

  /// `HEADER_CLOCK_DATA`.
  public struct ClockReference: Sendable, Equatable {
    /// `CLOCK_*`.
    public let id: UInt32
    /// Nanoseconds since 1970.
    public let timeOfDay: UInt64
    /// Nanoseconds of the clock at that moment.
    public let clockTime: UInt64
  }

  /// `HEADER_COMPRESSED`.
  public struct Compression: Sendable, Equatable {
    /// 1: zstd.
    public let type: UInt32
    /// As asked for.
    public let level: UInt32
    /// How much smaller the records became.
    public let ratio: UInt32
  }

  /// Sections whose presence is what they say.
  public enum Mark: Int, Sendable, CaseIterable {
    case branchStacks = 15, auxtrace = 18, statistics = 19
  }
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
