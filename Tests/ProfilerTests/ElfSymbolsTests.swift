import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Symbols of a small program that gcc makes here, against what nm, readelf and objdump say.
@Suite struct ElfSymbolsTests {
  private static let source = """
    #include <stdio.h>
    #include <stdlib.h>
    #include <unistd.h>
    int counter = 7;
    static __attribute__((noinline)) int local(int x) { return x * counter; }
    __attribute__((noinline)) int strong_name(int x) { return local(x) + 1; }
    int weak_name(int) __attribute__((weak, alias("strong_name")));
    int __underscored(int) __attribute__((alias("strong_name")));
    int much_longer_name(int) __attribute__((alias("strong_name")));
    __attribute__((noinline, noreturn)) void leave(void) { exit(counter); }
    __attribute__((noinline)) void last_call(void) { puts("x"); leave(); }
    int after(void) { return counter; }
    int main(int argc, char **argv) {
      (void)argv;
      if (argc > 5) last_call();
      return write(1, "", 0) + strong_name(argc) + after();
    }
    """

  /// Compiles the program and gives its path to `body`; nothing without gcc.
  private func withProgram(
    _ flags: [String] = [], _ test: String = #function, _ body: (URL) throws -> Void
  ) throws {
    guard let gcc = Place.tool("gcc") else { return skipped("gcc is not installed", test) }
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("prog.c")
      let program = folder.appendingPathComponent("prog")
      try Data(Self.source.utf8).write(to: source)
      let result = try run(
        gcc, ["-O1", "-fno-pie", "-no-pie"] + flags + ["-o", program.path, source.path])
      try #require(result.status == 0, "\(result.stderr)")
      try body(program)
    }
  }

  /// Address, type and name of each symbol, by nm.
  private func nm(_ program: URL) throws -> [(address: UInt64, size: UInt64, name: String)] {
    let tool = try #require(Place.tool("nm"), "gcc comes with nm")
    return try run(tool, ["-S", "--defined-only", program.path]).lines.compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count == 4, let address = UInt64(fields[0], radix: 16),
        let size = UInt64(fields[1], radix: 16)
      else { return nil }
      return (address, size, String(fields[3]))
    }
  }

  @Test(arguments: [[], ["-fpie", "-pie"], ["-g"]] as [[String]])
  func everySizedSymbolOfNmIsFound(flags: [String]) throws {
    try withProgram(flags) { program in
      let image = try ElfImage(path: FilePath(program.path))
      let wanted = try nm(program)
      #expect(wanted.count > 8)
      for (address, size, name) in wanted {
        for inside in [address, address + size - 1] {
          let row = try #require(image.symbols.row(covering: inside), "\(name)")
          #expect(image.symbols.aliases(of: row).contains(name), "\(name)")
        }
      }
    }
  }

  /// perf's order of aliases: sized, not weak, global, fewer underscores, longer.
  @Test func aliasByPerfsRules() throws {
    try withProgram { program in
      let image = try ElfImage(path: FilePath(program.path))
      let address = try #require(try nm(program).first { $0.name == "strong_name" }?.address)
      let row = try #require(image.symbols.row(covering: address))
      #expect(image.symbols.name(row) == "much_longer_name")
      #expect(
        Set(image.symbols.aliases(of: row)) == [
          "strong_name", "weak_name", "__underscored", "much_longer_name",
        ])
      #expect(image.symbols.aliases(of: row).first == "weak_name")
    }
  }

  /// Stubs of the procedure linkage table, where objdump sees them.
  @Test(arguments: [
    ["-Wl,-z,lazy"], ["-fcf-protection=none", "-Wl,-z,lazy"], ["-fcf-protection=full"],
  ])
  func pltNames(flags: [String]) throws {
    guard let objdump = Place.tool("objdump") else { return skipped("objdump is not installed") }
    try withProgram(flags) { program in
      let image = try ElfImage(path: FilePath(program.path))
      let labels = try run(objdump, ["-d", "-j", ".plt", "-j", ".plt.sec", program.path]).lines
        .filter { $0.hasSuffix("@plt>:") }
      #expect(labels.count >= 3, "puts, exit and write")
      for label in labels {
        let fields = label.split(separator: " ")
        let address = try #require(UInt64(fields[0], radix: 16))
        let row = try #require(image.symbols.row(covering: address + 6), "\(label)")
        #expect("<\(image.symbols.name(row))>:" == fields[1])
      }
    }
  }

  /// The id by note type: the C library's start files bring an ABI note of the same owner.
  @Test func buildIDIsReadelfs() throws {
    guard let readelf = Place.tool("readelf") else { return skipped("readelf is not installed") }
    try withProgram(["-Wl,--build-id=sha1"]) { program in
      let notes = try run(readelf, ["-n", program.path]).lines
      #expect(notes.contains { $0.contains("NT_GNU_ABI_TAG") })
      let line = try #require(notes.first { $0.contains("Build ID: ") })
      let id = try ElfImage(path: FilePath(program.path)).buildID?.description
      #expect(line.hasSuffix(id ?? "none"))
    }
    try withProgram(["-Wl,--build-id=none"]) { program in
      let image = try ElfImage(path: FilePath(program.path))
      #expect(image.buildID == nil)
    }
  }

  /// A file offset in an executable segment is the address readelf shows for it.
  @Test func fileOffsetsBecomeAddresses() throws {
    try withProgram { program in
      let image = try ElfImage(path: FilePath(program.path))
      let readelf = try #require(Place.tool("readelf"), "gcc comes with readelf")
      let segments = try run(readelf, ["-lW", program.path]).lines
        .map { $0.split(separator: " ") }.filter { $0.first == "LOAD" && $0.contains("E") }
      let fields = try #require(segments.first)
      let (offset, address) = (hex(fields[1]), hex(fields[2]))
      #expect(image.address(ofFileOffset: offset + 5) == address + 5)
    }
  }

  private func hex(_ text: Substring) -> UInt64 { UInt64(text.dropFirst(2), radix: 16) ?? .max }

  /// A program other than the recorded one is not used, and that is said.
  @Test func foreignBuildIDIsNotUsedAndSaid() throws {
    try withProgram(["-Wl,--build-id=sha1"]) { program in
      var loader = ImageLoader(SymbolSearch())
      let own = try ElfImage(path: FilePath(program.path)).buildID
      #expect(loader.image(of: RecordedFile(program.path, buildID: own)) != nil)
      #expect(loader.image(of: RecordedFile(program.path)) != nil)
      #expect(loader.warnings.isEmpty)
      let other = BuildID([UInt8](repeating: 0xab, count: 20))
      #expect(loader.image(of: RecordedFile(program.path, buildID: other)) == nil)
      #expect(loader.warnings.count == 1)
      #expect(loader.warnings.first?.contains("build-id") == true)
      #expect(loader.image(of: RecordedFile(program.path, buildID: other)) == nil)
      #expect(loader.warnings.count == 1, "said once")
    }
  }

  /// Paths that no recording may make the program open.
  @Test(arguments: [
    "relative", "//anon", "/dev/zero", "/proc/self/exe", "/sys/kernel/notes", "/memfd:x",
    "/bin/true (deleted)", "[vdso]", "/../../../../bin/nonexistent", "/tmp", "",
  ])
  func pathsThatAreNoBinaries(path: String) {
    var loader = ImageLoader(SymbolSearch())
    #expect(loader.image(of: RecordedFile(path)) == nil)
  }

  /// A link in the sysroot that leads out of it is not followed.
  @Test func sysrootIsNotLeft() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder.appendingPathComponent("link").path, withDestinationPath: "/bin/sh")
      var loader = ImageLoader(SymbolSearch(sysroot: FilePath(folder.path)))
      #expect(loader.image(of: RecordedFile("/link")) == nil)
      #expect(loader.image(of: RecordedFile("/../../../bin/sh")) == nil)
    }
  }

  /// The return address of a call that never returns is the first byte of the next function: it is
  /// looked up one byte before. The sampled instruction is not.
  @Test func returnAddressIsLookedUpOneByteBefore() throws {
    try withProgram { program in
      let symbols = try nm(program)
      let caller = try #require(symbols.first { $0.name == "last_call" })
      let next = caller.address + caller.size
      var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
      let leave = try #require(symbols.first { $0.name == "leave" })
      file.mmap2(program.path, start: 0x40_0000, length: 0x10_0000, pageOffset: 0, time: 1)
      file.sample(SampleValues(time: 2, chain: [ChainMarker.user, leave.address, next]))
      file.sample(SampleValues(time: 3, chain: [ChainMarker.user, caller.address, caller.address]))
      let symbolizer = Symbolizer(kernel: nil, search: SymbolSearch())
      let resolved = symbolizer.resolve(try read(file))
      func names(_ row: Int) -> [String] {
        resolved.stacks[row].map { resolved.function($0).symbol }
      }
      #expect(names(0) == ["last_call", "leave"])
      // The byte before last_call is another function's or none's; the leaf is last_call itself.
      #expect(names(1).last == "last_call")
    }
  }
}
