import Foundation
import TestSupport
import Testing

@testable import Profiler

/// Feature sections: by hand, and beside what `perf report --header-only` says.
@Suite struct FeatureTests {
  /// `perf.data-file-format.txt`, every section that says something of the machine.
  @Test(arguments: ByteWriter.Order.allCases) func sections(order: ByteWriter.Order) throws {
    var file = PerfDataBuilder(order, attributes: [.init(SampleBit.usual)])
    file.sample(SampleValues())
    file.feature(7) { $0.integers([UInt32(2), 2]) }
    file.feature(13) { out in
      for list in [["0-1"], ["0", "1"]] {
        out.integer(UInt32(list.count))
        for text in list { out.headerString(text) }
      }
      out.integers([UInt32(4), 0, 5, 0])  // core and package of each CPU
      out.integer(UInt32(1))
      out.headerString("0-1")
      out.integers([UInt32(0), 1])  // dies
    }
    file.feature(14) { out in
      out.integers([UInt32(1), 3])
      out.integers([UInt64(1000), 400])
      out.headerString("0-1")
    }
    file.feature(16) { out in
      out.integers([UInt32(1), 9])
      out.headerString("power")
    }
    file.feature(17) { out in
      out.integer(UInt32(1))
      out.headerString("pair")
      out.integers([UInt32(0), 1])
    }
    file.feature(20) { out in
      out.integers([UInt32(1), 1, 2, 64, 1024, 16])
      for text in ["Unified", "1024K", "0"] { out.headerString(text) }
    }
    file.feature(22) { $0.integers([UInt64(1), 0x800_0000, 0]) }
    file.feature(23) { $0.integer(UInt64(1)) }
    file.feature(24) { $0.integer(UInt64(1)) }
    file.feature(25) { $0.integer(UInt32(0)) }
    file.feature(29) { out in
      out.integers([UInt32(1), 4])
      out.integers([UInt64(1_700_000_000_000_000_000), 5_000_000_000])
    }
    file.feature(30) { out in
      out.integer(UInt32(1))
      out.headerString("cpu_core")
      out.headerString("0-7")
    }
    file.feature(31) { out in
      out.integers([UInt32(1), 1])
      for text in ["branches", "32", "cpu_core"] { out.headerString(text) }
    }
    let features = try read(file).features
    #expect(features.unreadable.isEmpty)
    #expect(features.cpuTopology?.packages == ["0-1"] && features.cpuTopology?.cores == ["0", "1"])
    #expect(features.cpuTopology?.dies == ["0-1"])
    #expect(
      features.cpuTopology?.cpus == [
        .init(core: 4, package: 0, die: 0), .init(core: 5, package: 0, die: 1),
      ])
    #expect(features.nodes == [.init(node: 3, total: 1000, free: 400, cpus: "0-1")])
    #expect(features.pmus == [.init(name: "power", type: 9)])
    #expect(features.groups == [.init(name: "pair", leader: 0, members: 1)])
    #expect(
      features.caches == [
        .init(
          level: 2, lineSize: 64, sets: 1024, ways: 16, type: "Unified", size: "1024K", cpus: "0")
      ])
    #expect(features.memoryBlocks?.size == 0x800_0000 && features.clockResolution == 1)
    #expect(features.directoryVersion == 1 && features.bpfPrograms == 0)
    #expect(
      features.clock
        == .init(id: 4, timeOfDay: 1_700_000_000_000_000_000, clockTime: 5_000_000_000))
    #expect(features.hybridCPUs.map(\.pmu) == ["cpu_core"])
    #expect(features.capabilities.map(\.capabilities) == [["branches=32"]])
  }

  /// A section cut anywhere is said, and the samples are read.
  @Test(arguments: [13, 14, 16, 17, 20, 30, 31]) func cutSectionsAreSaid(number: Int) throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.sample(SampleValues())
    file.feature(number) { $0.integers([UInt32.max, 1, 2]) }
    let profile = try read(file)
    #expect(profile.sampleCount == 1)
    #expect(profile.features.unreadable.map(\.feature) == [number])
  }

  private struct Info: Decodable {
    struct Header: Decodable {
      struct Named: Decodable { let name: String; let type: Int }
      struct Node: Decodable { let node: Int; let total: Int; let cpus: String }
      struct Topology: Decodable { let packages: [String]; let cores: [String] }
      struct Group: Decodable { let events: [String] }
      struct Times: Decodable { let first: UInt64; let last: UInt64 }
      struct Clock: Decodable { let clockTime: UInt64 }
      let pmus: [Named]
      let nodes: [Node]
      let topology: Topology?
      let groups: [Group]
      let sampleTime: Times?
      let clock: Clock?
    }
    let header: Header
  }

  /// A recording made here, beside what perf says of it.
  @Test func headersArePerfs() throws {
    guard let perf = Place.tool("perf") else { return skipped("perf is not installed") }
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("perf.data")
      let recorded = try run(
        perf,
        [
          "record", "-q", "-k", "CLOCK_MONOTONIC", "-e", "{cpu-clock,task-clock}:S", "-g", "-o",
          file.path, "ls", "-R", "/etc",
        ])
      guard recorded.status == 0 else {
        return skipped("perf record does not work here: \(recorded.stderr)")
      }
      let text = try run(perf, ["report", "--header-only", "-I", "-i", file.path]).lines
      func said(_ prefix: String) -> [String] {
        text.filter { $0.hasPrefix("# \(prefix)") }.map {
          $0.split(separator: ":", maxSplits: 1).last.map { $0.drop { $0 == " " } }.map(String.init)
            ?? ""
        }
      }
      let header = try JSONDecoder().decode(
        Info.self, from: try runProgram(["info", "--json", file.path]).stdout
      ).header
      #expect(
        Set(header.pmus.map { "\($0.name) = \($0.type)" })
          == Set(said("pmu mappings").joined().components(separatedBy: ", ")))
      #expect(header.topology?.packages == said("sibling sockets"))
      #expect(header.topology?.cores == said("sibling threads"))
      #expect(
        header.nodes.map { "\($0.cpus)" } == said("node\(header.nodes.first?.node ?? 0) cpu list"))
      #expect(
        said("node\(header.nodes.first?.node ?? 0) meminfo").first?
          .hasPrefix("total = \(header.nodes.first?.total ?? 0) kB") == true)
      #expect(header.groups.map { "{\($0.events.joined(separator: ","))}" } == said("group"))
      let first = try #require(header.sampleTime).first
      let time = try #require(said("time of first sample").first.flatMap(Double.init))
      #expect(abs(Double(first) / 1e9 - time) < 1e-6)
      #expect(header.clock != nil && !said("reference time").isEmpty)
    }
  }
}
