/// Numbers of the records: below 64 the kernel's (`perf_event.h`), from 64 on perf's own
/// (`tools/lib/perf/include/perf/event.h`).
public struct RecordType: RawRepresentable, Hashable, Sendable {
  /// `perf_event_header.type`.
  public let rawValue: UInt32
  /// Wraps a record's type.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  static let mmap = RecordType(rawValue: 1)
  static let lost = RecordType(rawValue: 2)
  static let comm = RecordType(rawValue: 3)
  static let exit = RecordType(rawValue: 4)
  static let throttle = RecordType(rawValue: 5)
  static let fork = RecordType(rawValue: 7)
  static let sample = RecordType(rawValue: 9)
  static let mmap2 = RecordType(rawValue: 10)
  static let lostSamples = RecordType(rawValue: 13)
  static let contextSwitch = RecordType(rawValue: 14)
  static let contextSwitchCPUWide = RecordType(rawValue: 15)
  static let ksymbol = RecordType(rawValue: 17)
  static let callchainDeferred = RecordType(rawValue: 22)
  static let headerAttribute = RecordType(rawValue: 64)
  static let headerTracingData = RecordType(rawValue: 66)
  static let headerBuildID = RecordType(rawValue: 67)
  static let auxtrace = RecordType(rawValue: 71)
  static let eventUpdate = RecordType(rawValue: 78)
  static let headerFeature = RecordType(rawValue: 80)
  static let compressed = RecordType(rawValue: 81)
  static let compressed2 = RecordType(rawValue: 83)

  /// The name in perf's own statistics (`PERF_RECORD_HEADER_ATTR` is `ATTR` there), or nil for a number nobody has given yet.
  public var name: String? { RecordType.names[rawValue] }

  private static let names: [UInt32: String] = [
    1: "MMAP", 2: "LOST", 3: "COMM", 4: "EXIT", 5: "THROTTLE", 6: "UNTHROTTLE", 7: "FORK",
    8: "READ", 9: "SAMPLE", 10: "MMAP2", 11: "AUX", 12: "ITRACE_START", 13: "LOST_SAMPLES",
    14: "SWITCH", 15: "SWITCH_CPU_WIDE", 16: "NAMESPACES", 17: "KSYMBOL", 18: "BPF_EVENT",
    19: "CGROUP", 20: "TEXT_POKE", 21: "AUX_OUTPUT_HW_ID", 22: "CALLCHAIN_DEFERRED",
    64: "ATTR", 65: "EVENT_TYPE", 66: "TRACING_DATA", 67: "BUILD_ID", 68: "FINISHED_ROUND",
    69: "ID_INDEX", 70: "AUXTRACE_INFO",
    71: "AUXTRACE", 72: "AUXTRACE_ERROR", 73: "THREAD_MAP", 74: "CPU_MAP", 75: "STAT_CONFIG",
    76: "STAT", 77: "STAT_ROUND", 78: "EVENT_UPDATE", 79: "TIME_CONV", 80: "FEATURE",
    81: "COMPRESSED", 82: "FINISHED_INIT", 83: "COMPRESSED2", 84: "BPF_METADATA",
    85: "SCHEDSTAT_CPU", 86: "SCHEDSTAT_DOMAIN",
  ]
}

/// `perf_event_header.misc`: bits 0…2 say where the CPU was, the others depend on the type.
struct RecordMisc {
  let rawValue: UInt16
  var cpuMode: UInt8 { UInt8(rawValue & 7) }
  /// FORK: written by perf for a task that ran before the recording (`MISC_FORK_EXEC`).
  var isForkExec: Bool { rawValue >> 13 & 1 == 1 }
  /// MMAP: of memory without code (`MISC_MMAP_DATA`, the same bit).
  var isData: Bool { rawValue >> 13 & 1 == 1 }
  /// SWITCH: the thread stops running (`MISC_SWITCH_OUT`); else it begins.
  var isSwitchOut: Bool { rawValue >> 13 & 1 == 1 }
  /// A build-id entry that says how long its id is (`MISC_BUILD_ID_SIZE`).
  var hasBuildIDSize: Bool { rawValue >> 15 & 1 == 1 }
  /// MMAP2: the record carries a build-id in place of device and inode.
  var hasBuildID: Bool { rawValue >> 14 & 1 == 1 }

  static let kernel: UInt8 = 1
  static let user: UInt8 = 2
  static let hypervisor: UInt8 = 3
  static let guestKernel: UInt8 = 4
  static let guestUser: UInt8 = 5
}

/// `PERF_CONTEXT_*`: call chain entries that say where the following addresses belong.
public enum CallchainContext {
  /// Entries at or above this are markers, not addresses (`PERF_CONTEXT_MAX`).
  public static let smallest = UInt64(bitPattern: -4095)
  /// Not perf's: what follows are places of branches, not return addresses.
  static let branches = UInt64(bitPattern: -4000)
  static let hypervisor = UInt64(bitPattern: -32)
  static let kernel = UInt64(bitPattern: -128)
  static let user = UInt64(bitPattern: -512)
  /// User mode's part is recorded later, in a record of its own; what follows is its cookie.
  static let userDeferred = UInt64(bitPattern: -640)
  static let guest = UInt64(bitPattern: -2048)
  static let guestKernel = UInt64(bitPattern: -2176)
  static let guestUser = UInt64(bitPattern: -2560)

  /// The marker for addresses of a sample's own mode (`PERF_RECORD_MISC_CPUMODE_MASK`).
  static func marker(ofMode cpuMode: UInt8) -> UInt64 {
    switch cpuMode {
    case RecordMisc.kernel: kernel
    case RecordMisc.hypervisor: hypervisor
    case RecordMisc.guestKernel: guestKernel
    case RecordMisc.guestUser: guestUser
    default: user
    }
  }
}
