import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// `/tmp/perf-PID.map`: functions made at run time.
@Suite struct PerfMapTests {
  private func symbols(_ text: String) throws -> PerfMap {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("perf-7.map")
      try Data(text.utf8).write(to: file)
      return try PerfMap(path: FilePath(file.path), mustBeOwn: true)
    }
  }

  @Test func namesMayHoldBlanks() throws {
    let map = try symbols("7f00 20 LazyCompile:~run a.js:1\n0x8000 10 stub\n")
    let rows = [0x7eff, 0x7f00, 0x7f1f, 0x7f20, 0x8000].map {
      map.symbols.row(covering: $0).map(map.symbols.name)
    }
    #expect(rows == [nil, "LazyCompile:~run a.js:1", "LazyCompile:~run a.js:1", nil, "stub"])
    #expect(map.warnings.isEmpty)
  }

  @Test func theLaterOfTwoCounts() throws {
    let map = try symbols("100 10 old\n200 10 other\n100 10 new\n")
    #expect(map.symbols.row(covering: 0x105).map(map.symbols.name) == "new")
  }

  @Test func whatIsNoFunctionIsCounted() throws {
    let map = try symbols("100 10 good\nnonsense\n100 zz bad\n200 0 empty\n300 10\n400 8 good\n")
    #expect(map.symbols.count == 2)
    #expect(map.warnings.count == 1 && map.warnings[0].contains("4 lines"))
  }

  /// Memory with code and without a file, in a recording from elsewhere: the list lies below the
  /// sysroot.
  @Test func listBelowTheSysroot() throws {
    try withTemporaryFolder { folder in
      let tmp = folder.appendingPathComponent("tmp")
      try FileManager.default.createDirectory(at: tmp, withIntermediateDirectories: true)
      try Data("700010 20 jitted\n".utf8).write(to: tmp.appendingPathComponent("perf-100.map"))
      var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
      file.mmap2("//anon", start: 0x70_0000, length: 0x1000, pageOffset: 0, time: 1)
      file.sample(SampleValues(time: 2, chain: [ChainMarker.user, 0x70_0018, 0x70_0500]))
      let search = SymbolSearch(sysroot: FilePath(folder.path))
      let resolved = Symbolizer(kernel: nil, search: search).resolve(try read(file))
      let names = resolved.stacks[0].map { resolved.function($0).symbol }
      #expect(names == ["[perf-100.map]", "jitted"])
    }
  }
}
