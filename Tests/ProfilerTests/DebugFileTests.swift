import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Debug information that stands elsewhere than in the program: by build-id, by debug link, packed
/// into the program; made with binutils as distributions do.
@Suite struct DebugFileTests {
  private static let source = """
    static volatile int sink;
    static inline __attribute__((always_inline)) int inlined(int x) { sink += x; return sink; }
    static __attribute__((noinline)) int local(int x) { return inlined(x) * 3; }
    int main(int argc, char **argv) { (void)argv; return local(argc) + local(2); }
    """

  /// A program with its debug information, and what names its places in it.
  private struct Split {
    let folder: URL
    let program: FilePath
    let whole: ElfImage
    /// Address of the function that only the full symbol table has.
    let local: UInt64
  }

  /// Compiles the program as `prog`, with `prog.debug` split off and a copy of the whole in `whole`.
  private func withSplit(
    _ flags: [String], _ test: String = #function, _ body: (Split) throws -> Void
  ) throws {
    guard let gcc = Place.tool("gcc"), Place.tool("objcopy") != nil else {
      return skipped("gcc or objcopy is not installed", test)
    }
    try withTemporaryFolder { folder in
      try Data(Self.source.utf8).write(to: folder.appendingPathComponent("prog.c"))
      let built = try run(gcc, ["-O2", "-g"] + flags + ["-o", "prog", "prog.c"], in: folder)
      try #require(built.status == 0, "\(built.stderr)")
      try objcopy(["prog", "whole"], folder)
      try objcopy(["--only-keep-debug", "prog", "prog.debug"], folder)
      try objcopy(["--strip-all", "prog"], folder)
      let whole = try ElfImage(path: FilePath(folder.appendingPathComponent("whole").path))
      try body(
        Split(
          folder: folder, program: FilePath(folder.appendingPathComponent("prog").path),
          whole: whole, local: try #require(whole.symbols.address(of: "local"))))
    }
  }

  private func objcopy(_ arguments: [String], _ folder: URL) throws {
    let result = try run(try #require(Place.tool("objcopy")), arguments, in: folder)
    try #require(result.status == 0, "\(result.stderr)")
  }

  /// What the function at an address is called, and what is inlined into it somewhere.
  private func facts(_ image: ElfImage, _ address: UInt64) -> (name: String?, inlined: [String]) {
    let row = image.symbols.row(covering: address)
    let end = row.map { image.symbols.end($0) } ?? address
    let inlined = (address..<end).flatMap { image.debugInfo?.inlinedFunctions(at: $0) ?? [] }
    return (row.map(image.symbols.name), Set(inlined).sorted())
  }

  @Test func byBuildIDInTheUsersFolder() throws {
    try withSplit(["-Wl,--build-id=sha1"]) { split in
      let id = try #require(split.whole.buildID)
      let place = FilePath(split.folder.path).appending("debug/.build-id").appending(entryOf: id)
      try FileManager.default.createDirectory(
        atPath: place.removingLastComponent().string, withIntermediateDirectories: true)
      try FileManager.default.moveItem(
        at: split.folder.appendingPathComponent("prog.debug"),
        to: URL(filePath: "\(place).debug"))
      var without = ImageLoader(SymbolSearch())
      let found = without.image(of: RecordedFile(split.program.string, buildID: id))
      let stripped = try #require(found)
      #expect(facts(stripped, split.local).name != "local")
      let folders = [FilePath(split.folder.path).appending("debug/.build-id")]
      var loader = ImageLoader(SymbolSearch(buildIDFolders: folders))
      let known = loader.image(of: RecordedFile(split.program.string, buildID: id))
      let image = try #require(known)
      #expect(facts(image, split.local) == ("local", ["inlined"]))
      // The program itself is gone: the debug file has its names and addresses.
      try FileManager.default.removeItem(atPath: split.program.string)
      var later = ImageLoader(SymbolSearch(buildIDFolders: folders))
      let left = later.image(of: RecordedFile(split.program.string, buildID: id))
      let debug = try #require(left)
      #expect(facts(debug, split.local) == ("local", ["inlined"]))
      #expect(loader.warnings.isEmpty && later.warnings.isEmpty)
    }
  }

  /// Debian's debug files are packed section by section. What is said of them is what is said of a plain
  /// one, whether lines are asked for first or last.
  @Test(arguments: ["zlib", "zlib-gabi", "zlib-gnu", "none"])
  func packedSections(kind: String) throws {
    try withSplit(["-Wl,--build-id=sha1"]) { split in
      try objcopy(["--compress-debug-sections=\(kind)", "prog.debug", "packed"], split.folder)
      let place = try placeByID(of: split)
      try FileManager.default.moveItem(
        at: split.folder.appendingPathComponent("packed"), to: place)
      try FileManager.default.removeItem(at: split.folder.appendingPathComponent("prog.debug"))
      let folders = [FilePath(split.folder.path).appending("debug")]
      func lines(_ image: ElfImage) -> [SourcePosition?] {
        image.debugInfo?.frames(at: split.local).map(\.position) ?? []
      }
      for asksForLinesFirst in [true, false] {
        let image = try ElfImage(path: split.program, debugFolders: folders)
        if asksForLinesFirst { #expect(lines(image) == lines(split.whole)) }
        #expect(facts(image, split.local) == ("local", ["inlined"]))
        #expect(lines(image) == lines(split.whole) && !lines(image).isEmpty)
      }
    }
  }

  /// Damage in a packed file is survived, and what is not the program's is not unpacked.
  @Test func damagedPackedSections() throws {
    try withSplit(["-Wl,--build-id=sha1"]) { split in
      try objcopy(["--compress-debug-sections=zlib", "prog.debug", "packed"], split.folder)
      let packed = try Data(contentsOf: split.folder.appendingPathComponent("packed"))
      try FileManager.default.removeItem(at: split.folder.appendingPathComponent("prog.debug"))
      let folders = [FilePath(split.folder.path).appending("debug")]
      let place = try placeByID(of: split)
      for start in stride(from: 64, to: packed.count, by: packed.count / 23) {
        var damaged = packed
        for offset in start..<min(start + 40, packed.count) { damaged[offset] ^= 0x5a }
        try damaged.write(to: place)
        let image = try ElfImage(path: split.program, debugFolders: folders)
        _ = facts(image, split.local)
      }
      try packed.write(to: place)
      #expect(try isUnpacked(split.program, folders))
      // A program with debug information of its own needs no other.
      let whole = FilePath(split.folder.appendingPathComponent("whole").path)
      #expect(try !isUnpacked(whole, folders))
      // Another program's file, where this one's should be.
      try objcopy(
        ["--remove-section=.note.gnu.build-id", place.path, "stranger"], split.folder)
      try Data(contentsOf: split.folder.appendingPathComponent("stranger")).write(to: place)
      #expect(try !isUnpacked(split.program, folders))
    }
  }

  /// Debug files that are linked for other addresses than the program's, or share what `dwz` moved, are
  /// libdwfl's.
  @Test func filesThatOnlyLibdwflReads() throws {
    try withSplit(["-Wl,--build-id=sha1", "-no-pie"]) { split in
      try FileManager.default.removeItem(at: split.folder.appendingPathComponent("prog.debug"))
      let place = try placeByID(of: split)
      let folders = [FilePath(split.folder.path).appending("debug")]
      try Data("x".utf8).write(to: split.folder.appendingPathComponent("link"))
      let ways = [
        [], ["--change-section-address=.bss+0x100000"], ["--add-section=.gnu_debugaltlink=link"],
      ]
      for (row, way) in ways.enumerated() {
        try objcopy(
          ["--only-keep-debug", "--compress-debug-sections=zlib"] + way + ["whole", "packed"],
          split.folder)
        try Data(contentsOf: split.folder.appendingPathComponent("packed")).write(to: place)
        #expect(try isUnpacked(split.program, folders) == (row == 0), "\(way)")
      }
    }
  }

  private func isUnpacked(_ program: FilePath, _ folders: [FilePath]) throws -> Bool {
    let session = try DwflSession(path: program, debugFolders: folders)
    let unpacked = session.unpackedDebugFile(leavingOut: UnpackedSections.notOfFunctions)
    return unpacked != nil
  }

  /// Where a program's debug file is found by its build-id, below `debug`.
  private func placeByID(of split: Split) throws -> URL {
    let id = try #require(split.whole.buildID)
    let place = FilePath(split.folder.path).appending("debug/.build-id").appending(entryOf: id)
    try FileManager.default.createDirectory(
      atPath: place.removingLastComponent().string, withIntermediateDirectories: true)
    return URL(filePath: "\(place).debug")
  }

  /// Where there is no debug file, nobody is asked over the network: the library that would isn't loaded.
  @Test func noDebugFile() throws {
    try withSplit(["-Wl,--build-id=sha1"]) { split in
      try FileManager.default.removeItem(at: split.folder.appendingPathComponent("prog.debug"))
      let image = try ElfImage(path: split.program)
      #expect(image.debugInfo?.exists == false)
      #expect(
        try !String(contentsOfFile: "/proc/self/maps", encoding: .utf8).contains("debuginfod"))
    }
  }

  /// A link names a file and its CRC; a file of another CRC is another build's.
  @Test func byDebugLinkWithItsCRC() throws {
    try withSplit(["-Wl,--build-id=none"]) { split in
      try objcopy(["--add-gnu-debuglink=prog.debug", "prog"], split.folder)
      #expect(facts(try ElfImage(path: split.program), split.local) == ("local", ["inlined"]))
      let file = split.folder.appendingPathComponent("prog.debug")
      try (Data(contentsOf: file) + Data([0])).write(to: file)
      let (name, inlined) = facts(try ElfImage(path: split.program), split.local)
      #expect(name != "local" && inlined.isEmpty)
    }
  }

  /// Debug files have their program's addresses but not its file offsets; recordings have those.
  @Test(arguments: [[], ["-no-pie"], ["-static"], ["-Wl,-z,noseparate-code"]] as [[String]])
  func offsetsOfADebugFile(flags: [String]) throws {
    try withSplit(flags) { split in
      let debug = try ElfImage(
        path: FilePath(split.folder.appendingPathComponent("prog.debug").path))
      let code = split.whole.symbols.starts.filter { $0 >= 0x1000 }
      let readelf = try #require(Place.tool("readelf"), "gcc comes with readelf")
      let whole = split.folder.appendingPathComponent("whole").path
      for segment in try run(readelf, ["-lW", whole]).lines
        .map({ $0.split(separator: " ") }).filter({ $0.first == "LOAD" && $0.contains("E") })
      {
        let (offset, size) = (hex(segment[1]), hex(segment[4]))
        for place in stride(from: offset, to: offset + size, by: 16) {
          #expect(
            debug.address(ofFileOffset: place) == split.whole.address(ofFileOffset: place))
        }
      }
      #expect(!code.isEmpty)
    }
  }

  /// Inlined functions are frames of their own in what shows stacks; hops are looked for in compiled ones.
  @Test func shortcutsAreDrawnWithoutInlinedFunctions() throws {
    try withSplit(["-Wl,--build-id=none"]) { split in
      let place = try #require(
        (split.local..<split.local + 64).first {
          split.whole.debugInfo?.inlinedFunctions(at: $0) == ["inlined"]
        })
      let read = [
        "tcp_recvmsg", "inet_recvmsg", "sock_recvmsg", "sock_read_iter", "vfs_read", "ksys_read",
        "__x64_sys_read", "do_syscall_64", "entry_SYSCALL_64_after_hwframe",
      ]
      let base: UInt64 = 0xffff_ffff_8100_0000
      let kallsyms = split.folder.appendingPathComponent("kallsyms")
      try Data(
        (["_stext"] + read + ["_etext"]).enumerated().map {
          "\(String(base + UInt64($0) << 8, radix: 16)) T \($1)\n"
        }.joined().utf8
      ).write(to: kallsyms)
      var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
      let path = split.folder.appendingPathComponent("whole").path
      file.mmap2(path, start: 0, length: 1 << 32)
      let chain = read.indices.map { base + UInt64($0 + 1) << 8 + 0x10 }
      let user = [ChainMarker.user, place + 1]  // a return address
      file.sample(SampleValues(time: 1, chain: [ChainMarker.kernel] + chain + user), misc: 1)
      let recording = split.folder.appendingPathComponent("perf.data")
      try Data(file.bytes).write(to: recording)
      func picture(_ options: [String]) throws -> String {
        let run = try runProgram(["flamegraph", recording.path, "-o", "-"] + options)
        try #require(run.status == 0, "\(run.stderr)")
        return run.lines.joined()
      }
      let (stacks, shortcuts) = (try picture([]), try picture(["--shortcuts"]))
      #expect(stacks.contains("local") && stacks.contains("inlined"))
      #expect(shortcuts.contains("local") && !shortcuts.contains("inlined"))
    }
  }

  /// A recorded path is bytes; the program is found by them, and shown as far as they are text. Of two
  /// that look the same, one of which is there, neither is taken for the other.
  @Test func namesThatAreNotUTF8() throws {
    try withSplit(["-Wl,--build-id=none"]) { split in
      let name = "\(split.folder.path)/pro~g"
      let bytes = Array(name.utf8).map { $0 == UInt8(ascii: "~") ? 0xff : $0 }
      let path = FilePath(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
      let whole = split.folder.appendingPathComponent("whole").path
      try #require(path.withPlatformString { link(whole, $0) } == 0)
      func functions(_ others: [UInt8]) throws -> [String] {
        var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
        for byte in [0xff] + others {
          let start = file.records.count
          file.mmap2(name, pid: 100 + Int32(byte), start: 0, length: 1 << 32)
          let place = try #require(file.records[start...].firstIndex(of: UInt8(ascii: "~")))
          file.records[place] = byte
          file.sample(
            SampleValues(time: 1, chain: [ChainMarker.user, split.local], pid: 100 + Int32(byte)))
        }
        let symbolizer = Symbolizer(kernel: nil, search: SymbolSearch())
        return symbolizer.fold(try read(file), weighting: .samples).functions.map(\.symbol)
      }
      #expect(try functions([]) == ["local"])
      #expect(try functions([0xfe]) == ["local", "[pro\u{fffd}g]"])
    }
  }

  private func hex(_ text: Substring) -> UInt64 { UInt64(text.dropFirst(2), radix: 16) ?? 0 }

  /// What `dwz` moved to a file that two programs share (`.gnu_debugaltlink`): found beside the recorded
  /// program, also where perf's copy of that is read.
  @Test func sharedDebugInformation() throws {
    guard let dwz = Place.tool("dwz") else { return skipped("dwz is not installed") }
    try withSplit(["-Wl,--build-id=sha1", "-gdwarf-4"]) { split in
      let id = try #require(split.whole.buildID)
      try FileManager.default.copyItem(
        at: split.folder.appendingPathComponent("whole"),
        to: split.folder.appendingPathComponent("other"))
      let moved = try run(dwz, ["-m", "common", "whole", "other"], in: split.folder)
      try #require(moved.status == 0, "\(moved.stderr)")
      let place = FilePath(split.folder.path).appending("cache").appending(entryOf: id)
      try FileManager.default.createDirectory(
        atPath: place.string, withIntermediateDirectories: true)
      let program = split.folder.appendingPathComponent("whole")
      try FileManager.default.copyItem(at: program, to: URL(filePath: "\(place)/elf"))
      for folders in [[], [FilePath(split.folder.path).appending("cache")]] {
        var loader = ImageLoader(SymbolSearch(buildIDFolders: folders))
        let found = loader.image(of: RecordedFile(program.path, buildID: id))
        #expect(facts(try #require(found), split.local) == ("local", ["inlined"]))
      }
    }
  }

  /// MiniDebugInfo: a symbol table, packed by xz, as a section of the program.
  @Test func gnuDebugData() throws {
    guard let xz = Place.tool("xz") else { return skipped("xz is not installed") }
    try withSplit(["-Wl,--build-id=none"]) { split in
      try objcopy(["--strip-debug", "prog.debug", "mini"], split.folder)
      // libdwfl would find it beside the program.
      try FileManager.default.removeItem(at: split.folder.appendingPathComponent("prog.debug"))
      let packed = try run(xz, ["-k", "mini"], in: split.folder)
      try #require(packed.status == 0, "\(packed.stderr)")
      try objcopy(["--add-section", ".gnu_debugdata=mini.xz", "prog"], split.folder)
      #expect(facts(try ElfImage(path: split.program), split.local).name == "local")
    }
  }
}
