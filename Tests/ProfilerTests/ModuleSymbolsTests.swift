import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Symbols of kernel modules: of object files that gcc makes here, against where the linker puts
/// the same sections; and, where a guest's word is at hand, of real modules.
@Suite struct ModuleSymbolsTests {
  /// Sections as a module has them, in an order that is none of the alphabet's.
  private static let source = """
    #define IN(name) __attribute__((noinline, section(name)))
    int counter = 7;
    int first(int x) { return x * counter; }
    static IN(".init.text") int gone(int x) { return x + 1; }
    IN(".text.unlikely") int cold_one(int x) { return x + 2; }
    IN(".text.aligned") __attribute__((aligned(256))) int wide(int x) { return x + 3; }
    IN(".exit.text") int leave(int x) { return x + 4; }
    int second(int x) { return first(x) + gone(x) + cold_one(x) + wide(x) + leave(x); }
    """

  /// Makes `x.ko` and gives its folder to `body`; nothing without gcc.
  private func withModule(_ test: String = #function, _ body: (URL) throws -> Void) throws {
    guard let gcc = Place.tool("gcc") else { return skipped("gcc is not installed", test) }
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("x.c")
      try Data(Self.source.utf8).write(to: source)
      let object = folder.appendingPathComponent("x.ko")
      let result = try run(
        gcc, ["-O1", "-fno-pie", "-ffreestanding", "-c", "-o", object.path, source.path])
      try #require(result.status == 0, "\(result.stderr)")
      try body(folder)
    }
  }

  private func names(_ symbols: SymbolTable) -> [String: UInt64] {
    Dictionary(
      (0..<symbols.count).map { (symbols.name($0), symbols.starts[$0]) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The linker, told the order, aligns as the kernel does.
  @Test func functionsStandWhereTheLinkerPutsThem() throws {
    try withModule { folder in
      let module = folder.appendingPathComponent("x.ko")
      let script = folder.appendingPathComponent("script")
      let order = try sectionNames(of: module).map { "*(\($0))" }.joined(separator: " ")
      try Data("SECTIONS { .all 0 : { \(order) } .rest 0x100000 : { *(*) } }".utf8)
        .write(to: script)
      let linked = folder.appendingPathComponent("linked")
      let ld = try #require(Place.tool("ld"), "gcc comes with ld")
      let result = try run(
        ld, ["-e", "0", "-T", script.path, "-o", linked.path, module.path])
      try #require(result.status == 0, "\(result.stderr)")
      let expected = names(try ElfImage(path: FilePath(linked.path)).symbols)
      let found = names(try ElfImage(path: FilePath(module.path)).symbols)
      #expect(Set(found.keys) == ["first", "second", "cold_one", "wide", "leave"])
      for (name, address) in found { #expect(expected[name] == address, "\(name)") }
    }
  }

  /// Code that stays, in the file's order.
  private func sectionNames(of module: URL) throws -> [String] {
    let tool = try #require(Place.tool("readelf"), "gcc comes with readelf")
    return try run(tool, ["-SW", module.path]).lines.compactMap { line in
      let fields = line.split(whereSeparator: { " []".contains($0) })
      guard fields.count > 7, fields[2] == "PROGBITS", fields[7].contains("X"),
        !fields[1].hasPrefix(".init")
      else { return nil }
      return String(fields[1])
    }
  }

  /// Debian packs modules from 6.7 on.
  @Test func packedModuleHasTheSameSymbols() throws {
    guard let xz = Place.tool("xz") else { return skipped("xz is not installed") }
    try withModule { folder in
      let module = folder.appendingPathComponent("x.ko").path
      let plain = names(try ElfImage(path: FilePath(module)).symbols)
      // As the kernel's build packs them.
      let result = try run(xz, ["--check=crc32", "--lzma2=dict=1MiB", "-f", module])
      try #require(result.status == 0, "\(result.stderr)")
      let packed = try ElfImage(path: FilePath("\(module).xz"))
      #expect(names(packed.symbols) == plain && !plain.isEmpty)
    }
  }

  /// All modules of a guest, see lab/README.md: what /proc/kallsyms says of their code.
  @Test(.enabled(if: guest != nil, "UKL_LAB_MODULES names no folder of lab/scripts/modules"))
  func everyFunctionOfAGuestsModules() throws {
    let guest = try #require(Self.guest)
    let folder = ModuleFolder(FilePath(guest.path).appending("sysroot"))
    var bases: [String: UInt64] = [:]
    for line in try lines("modules.txt", of: guest) {
      let fields = line.split(separator: " ")
      bases[String(fields[0])] = UInt64(fields[5].dropFirst(2), radix: 16)
    }
    var compared = 0
    for (name, base) in bases {
      let path = try #require(folder.paths[name], "\(name)")
      let image = try ElfImage(path: FilePath("\(guest.path)/sysroot/\(path)"))
      let said = try functions(of: name, in: guest)
      var found: [String: Set<UInt64>] = [:]
      for row in 0..<image.symbols.count {
        found[image.symbols.name(row), default: []].insert(image.symbols.starts[row])
      }
      let code = image.symbols.end(image.symbols.count - 1)
      for (symbol, address) in said where address >= base && address - base < code {
        compared += 1
        #expect(found[symbol]?.contains(address - base) == true, "\(name): \(symbol)")
      }
    }
    #expect(compared > 100)
  }

  private static let guest = ProcessInfo.processInfo.environment["UKL_LAB_MODULES"]
    .map { URL(fileURLWithPath: $0) }

  private func lines(_ file: String, of guest: URL) throws -> [Substring] {
    try String(contentsOf: guest.appendingPathComponent(file), encoding: .utf8)
      .split(separator: "\n")
  }

  /// Text symbols of one module.
  private func functions(of module: String, in guest: URL) throws -> [(String, UInt64)] {
    try lines("symbols.txt", of: guest).compactMap { line in
      let fields = line.split(whereSeparator: { " \t".contains($0) })
      guard fields.count == 4, fields[3] == "[\(module)]", "tTwW".contains(fields[1]),
        let address = UInt64(fields[0], radix: 16)
      else { return nil }
      return (String(fields[2]), address)
    }
  }
}
