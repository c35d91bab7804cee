extension EventAttribute {
  /// The name under which perf shows the event: as recorded, else made of its numbers the way perf
  /// makes it, `cycles:ppH`.
  public var shownName: String { name ?? plainName + modifiers }

  private var plainName: String {
    switch type {
    case 0 where config < UInt64(EventAttribute.hardware.count):
      EventAttribute.hardware[Int(config)]
    case 1 where config < UInt64(EventAttribute.software.count):
      EventAttribute.software[Int(config)]
    case 2: "unknown tracepoint \(config)"
    case 3: cacheName
    case 4: "raw 0x\(String(config, radix: 16))"
    default: "type \(type) config 0x\(String(config, radix: 16))"
    }
  }

  /// What of the machine is counted, where that isn't the default (`evsel__add_modifiers`).
  private var modifiers: String {
    func excludes(_ bit: UInt64) -> Bool { flags >> bit & 1 == 1 }
    let (noUser, noKernel, noHypervisor) = (excludes(4), excludes(5), excludes(6))
    let precision = Int(flags >> 15 & 3)
    let isRestricted = noUser || noKernel || noHypervisor
    var text = ""
    if isRestricted {
      text += (noKernel ? "" : "k") + (noUser ? "" : "u") + (noHypervisor ? "" : "h")
    }
    text += String(repeating: "p", count: precision)
    let (noHost, noGuest) = (excludes(19), excludes(20))
    if noHost || noGuest == (isRestricted || precision > 0) {
      text += (noHost ? "" : "H") + (noGuest ? "" : "G")
    }
    return text.isEmpty ? "" : ":\(text)"
  }

  /// `PERF_TYPE_HW_CACHE`: cache, operation and result in one byte each.
  private var cacheName: String {
    let (cache, operation, result) = (config & 0xff, config >> 8 & 0xff, config >> 16 & 0xff)
    guard cache < 7, operation < 3, result < 2 else {
      return "cache 0x\(String(config, radix: 16))"
    }
    let names = ["L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch", "node"]
    let operations = [
      ["loads", "load-misses"], ["stores", "store-misses"], ["prefetches", "prefetch-misses"],
    ]
    return "\(names[Int(cache)])-\(operations[Int(operation)][Int(result)])"
  }

  private static let hardware = [
    "cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses",
    "bus-cycles", "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles",
  ]

  private static let software = [
    "cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults",
    "major-faults", "alignment-faults", "emulation-faults", "dummy", "bpf-output",
    "cgroup-switches",
  ]
}

extension SampleType {
  /// The fields as perf names them, in the order of their bits; a bit nobody has named by its number.
  public var names: [String] { bitNames(rawValue, SampleType.known) }

  private static let known = [
    "IP", "TID", "TIME", "ADDR", "READ", "CALLCHAIN", "ID", "CPU", "PERIOD", "STREAM_ID", "RAW",
    "BRANCH_STACK", "REGS_USER", "STACK_USER", "WEIGHT", "DATA_SRC", "IDENTIFIER", "TRANSACTION",
    "REGS_INTR", "PHYS_ADDR", "AUX", "CGROUP", "DATA_PAGE_SIZE", "CODE_PAGE_SIZE",
    "WEIGHT_STRUCT",
  ]
}

extension ReadFormat {
  /// The fields as perf names them, in the order of their bits.
  public var names: [String] { bitNames(rawValue, ReadFormat.known) }

  private static let known = ["TOTAL_TIME_ENABLED", "TOTAL_TIME_RUNNING", "ID", "GROUP", "LOST"]
}

private func bitNames(_ bits: UInt64, _ names: [String]) -> [String] {
  (0..<64).filter { bits >> UInt64($0) & 1 == 1 }.map {
    $0 < names.count ? names[$0] : "bit \($0)"
  }
}
