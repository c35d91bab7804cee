import Profiler
import ShortcutGen

extension RecordingInfo {
  /// What the feature sections say beside the machine; null or empty where a recording has no such
  /// section.
  struct Header: Encodable {
    let buildIDs: [BuildIDEntry]
    let groups: [Group]
    @ExplicitNull var topology: Topology?
    let nodes: [Node]
    let pmus: [PMU]
    let caches: [Cache]
    let hybridCPUs: [CPUs]
    let capabilities: [Capabilities]
    @ExplicitNull var sampleTime: Times?
    @ExplicitNull var clock: Clock?
    @ExplicitNull var clockResolution: UInt64?
    @ExplicitNull var compression: Compression?
    @ExplicitNull var memoryBlockSize: UInt64?
    @ExplicitNull var directoryVersion: UInt64?
    @ExplicitNull var bpfPrograms: UInt32?
    @ExplicitNull var bpfTypes: UInt32?
    let hasBranchStacks: Bool
    let hasAuxtrace: Bool
    let hasStatistics: Bool
    let hasTracingData: Bool
  }

  struct BuildIDEntry: Encodable {
    let path: String
    let buildID: String
  }

  struct Group: Encodable {
    let name: String
    /// Names of its events, the leader's first.
    let events: [String]
  }

  struct Topology: Encodable, Equatable {
    let packages: [String]
    let dies: [String]
    let cores: [String]
    let cpus: [CPU]

    struct CPU: Encodable, Equatable {
      let core: UInt32
      let package: UInt32
      @ExplicitNull var die: UInt32?
    }
  }

  struct Node: Encodable {
    let node: UInt32
    /// In kB.
    let total: UInt64
    let free: UInt64
    let cpus: String
  }

  struct PMU: Encodable {
    let name: String
    let type: UInt32
  }

  struct Cache: Encodable {
    let level: UInt32
    let type: String
    let size: String
    let lineSize: UInt32
    let sets: UInt32
    let ways: UInt32
    let cpus: String
  }

  struct CPUs: Encodable {
    let pmu: String
    let cpus: String
  }

  struct Capabilities: Encodable {
    let pmu: String
    let capabilities: [String]
  }

  /// Nanoseconds of the recording's clock.
  struct Times: Encodable, Equatable {
    let first: UInt64
    let last: UInt64
  }

  struct Clock: Encodable, Equatable {
    let id: UInt32
    /// Nanoseconds since 1970.
    let timeOfDay: UInt64
    /// Nanoseconds of the recording's clock at that moment.
    let clockTime: UInt64
  }

  struct Compression: Encodable, Equatable {
    let type: String
    let level: UInt32
    let ratio: UInt32
  }
}

extension RecordingInfo.Header {
  init(_ profile: Profile) {
    let features = profile.features
    func names(_ group: FeatureSections.EventGroup) -> [String] {
      profile.attributes.indices.dropFirst(Int(group.leader)).prefix(Int(group.members))
        .map(profile.eventName)
    }
    self.init(
      buildIDs: features.buildIDs.map { .init(path: $0.path, buildID: $0.buildID.description) },
      groups: features.groups.map { .init(name: $0.name, events: names($0)) },
      topology: features.cpuTopology.map(RecordingInfo.Topology.init),
      nodes: features.nodes.map {
        .init(node: $0.node, total: $0.total, free: $0.free, cpus: $0.cpus)
      },
      pmus: features.pmus.map { .init(name: $0.name, type: $0.type) },
      caches: features.caches.map(RecordingInfo.Cache.init),
      hybridCPUs: features.hybridCPUs.map { .init(pmu: $0.pmu, cpus: $0.cpus) },
      capabilities: features.capabilities.map { .init(pmu: $0.pmu, capabilities: $0.capabilities) },
      sampleTime: features.sampleTime.map { .init(first: $0.lowerBound, last: $0.upperBound) },
      clock: features.clock.map {
        .init(id: $0.id, timeOfDay: $0.timeOfDay, clockTime: $0.clockTime)
      },
      clockResolution: features.clockResolution,
      compression: features.compression.map {
        .init(type: $0.type == 1 ? "zstd" : "\($0.type)", level: $0.level, ratio: $0.ratio)
      },
      memoryBlockSize: features.memoryBlocks?.size, directoryVersion: features.directoryVersion,
      bpfPrograms: features.bpfPrograms, bpfTypes: features.bpfTypes,
      hasBranchStacks: features.marks.contains(.branchStacks),
      hasAuxtrace: features.marks.contains(.auxtrace),
      hasStatistics: features.marks.contains(.statistics),
      hasTracingData: features.tracingData != nil)
  }

  /// For people: what each line is about, and the line.
  var lines: [(String, String)] {
    var lines: [(String, String)] = []
    func add(_ name: String, _ values: [String]) { lines += values.map { (name, $0) } }
    func one(_ value: String?) -> [String] { value.map { [$0] } ?? [] }
    add("group", groups.map { "\($0.name) {\($0.events.joined(separator: ","))}" })
    add("build-id", buildIDs.map { "\($0.buildID) \($0.path)" })
    add("packages", one(topology?.packages.joined(separator: "; ")))
    add("dies", one(topology.flatMap { $0.dies.isEmpty ? nil : $0.dies.joined(separator: "; ") }))
    add("cores", one(topology?.cores.joined(separator: "; ")))
    add("node", nodes.map { "\($0.node): \($0.total) kB, \($0.free) kB free, CPUs \($0.cpus)" })
    add("cache", caches.map { "L\($0.level) \($0.type) \($0.size), CPUs \($0.cpus)" })
    add("hybrid", hybridCPUs.map { "\($0.pmu): CPUs \($0.cpus)" })
    add("can", capabilities.map { "\($0.pmu): \($0.capabilities.joined(separator: ", "))" })
    if !pmus.isEmpty {
      add("PMUs", [pmus.map { "\($0.name) \($0.type)" }.joined(separator: ", ")])
    }
    add("memory", one(memoryBlockSize.map { "in blocks of \($0) bytes" }))
    add("sampled", one(sampleTime.map { "from \(seconds($0.first)) to \(seconds($0.last)) s" }))
    add(
      "clock",
      one(
        clock.map {
          "\($0.id): \(seconds($0.clockTime)) s was \(seconds($0.timeOfDay)) s after 1970"
        }))
    add("clock", one(clockResolution.map { "ticks every \($0) ns" }))
    add("packed", one(compression.map { "\($0.type), level \($0.level), ratio \($0.ratio)" }))
    add("folder", one(directoryVersion.map { "form \($0)" }))
    add("BPF", one(bpfPrograms.map { "\($0) programs" }))
    return lines
  }

  private func seconds(_ nanoseconds: UInt64) -> String {
    let rest = String(nanoseconds % 1_000_000_000)
    return "\(nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 9 - rest.count))\(rest)"
  }
}

extension RecordingInfo.Topology {
  init(_ topology: FeatureSections.CPUTopology) {
    self.init(
      packages: topology.packages, dies: topology.dies, cores: topology.cores,
      cpus: topology.cpus.map { .init(core: $0.core, package: $0.package, die: $0.die) })
  }
}

extension RecordingInfo.Cache {
  init(_ cache: FeatureSections.Cache) {
    self.init(
      level: cache.level, type: cache.type, size: cache.size, lineSize: cache.lineSize,
      sets: cache.sets, ways: cache.ways, cpus: cache.cpus)
  }
}
