import TestSupport
import Testing

@testable import Profiler

/// Which build-id of perf's list belongs to a mapping of `[vdso]`: a 64-bit machine has several vdsos.
@Suite struct VDSOTests {
  private static let wide = [UInt8](repeating: 0x64, count: 20)
  private static let narrow = [UInt8](repeating: 0x32, count: 20)

  /// Says which images it was asked for.
  private struct Asked: ImageSource {
    var warnings: [String] = []
    mutating func image(of file: RecordedFile) -> ElfImage? {
      warnings.append(
        "\(file.path) \(file.buildID.map { String($0.description.prefix(2)) } ?? "-")")
      return nil
    }
    mutating func module(_ file: RecordedFile, release: String?) -> ElfImage? { nil }
  }

  /// The ids asked for, of a process with its vdso above 4 GiB and one with it below.
  private func asked(machine: String, _ list: [(String, [UInt8])]) throws -> Set<String> {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    for (name, id) in list { file.buildID(name, id) }
    file.feature(6) { $0.headerString(machine) }  // HEADER_ARCH
    file.mmap2("[vdso]", pid: 1, start: 0x7fff_f7fd_0000, length: 0x2000, time: 0)
    file.mmap2("[vdso]", pid: 2, start: 0xf7fd_0000, length: 0x2000, time: 0)
    file.sample(SampleValues(time: 1, chain: [ChainMarker.user, 0x7fff_f7fd_0010], pid: 1))
    file.sample(SampleValues(time: 1, chain: [ChainMarker.user, 0xf7fd_0010], pid: 2))
    let resolved = Symbolizer(kernel: nil, source: Asked()).resolve(try read(file))
    return Set(resolved.warnings)
  }

  @Test func ofA64BitMachine() throws {
    #expect(
      try asked(machine: "x86_64", [("[vdso]", Self.wide), ("[vdso32]", Self.narrow)]) == [
        "[vdso] 64", "[vdso] 32",
      ])
    // perf lists only what samples fell into. Nothing says which the other one is.
    #expect(try asked(machine: "x86_64", [("[vdso]", Self.wide)]) == ["[vdso] 64", "[vdso] -"])
  }

  @Test func ofA32BitMachine() throws {
    #expect(try asked(machine: "i686", [("[vdso]", Self.narrow)]) == ["[vdso] 32"])
  }
}
