import Testing

@testable import Profiler

/// Where the kernel puts a module's sections.
@Suite struct ModuleLayoutTests {
  private static let code = ModuleLayout.allocated | ModuleLayout.executable

  private static func section(
    _ name: String, _ flags: UInt64, _ size: UInt64, _ alignment: UInt64
  ) -> ModuleLayout.Section {
    ModuleLayout.Section(name: name, flags: flags, size: size, alignment: alignment)
  }

  /// 9p.ko of Debian's 6.1.192: headers by readelf, places from /sys/module/9p/sections in a guest,
  /// less that of `.text`.
  @Test func placesOf9p() {
    let layout = ModuleLayout([
      Self.section("", 0, 0, 0),
      Self.section(".note.gnu.build-id", ModuleLayout.allocated, 0x24, 4),
      Self.section(".note.Linux", ModuleLayout.allocated, 0x3c, 4),
      Self.section(".text", Self.code, 0x8c00, 16),
      Self.section(".rela.text", 0x40, 0xb748, 8),
      Self.section(".text.unlikely", Self.code, 0xd5, 1),
      Self.section(".rela.text.unlikely", 0x40, 0x2b8, 8),
      Self.section(".init.text", Self.code, 0xeb, 1),
      Self.section(".rela.init.text", 0x40, 0x348, 8),
      Self.section(".exit.text", Self.code, 0x22, 1),
      Self.section(".rodata", ModuleLayout.allocated, 0x1550, 64),
    ])
    let places = (0...10).map(layout.start(ofSection:))
    #expect(places == [nil, nil, nil, 0, nil, 0x8c00, nil, nil, nil, 0x8cd5, nil])
  }

  @Test func sectionsAreAligned() {
    let layout = ModuleLayout([
      Self.section(".text", Self.code, 0x11, 16), Self.section(".b", Self.code, 1, 0),
      Self.section(".c", Self.code, 1, 4096), Self.section(".d", Self.code, 0, 2),
    ])
    #expect((0...3).map(layout.start(ofSection:)) == [0, 0x11, 0x1000, 0x1002])
  }

  /// Sizes and alignments come from a file.
  @Test func hostileHeaders() {
    let layout = ModuleLayout([
      Self.section(".a", .max, .max, .max), Self.section(".b", .max, .max, 1 << 63),
      Self.section(".c", .max, 1, 3),
    ])
    #expect(layout.start(ofSection: 0) == 0)
    #expect(layout.start(ofSection: 2) != nil)
    #expect(layout.start(ofSection: 3) == nil && layout.start(ofSection: -1) == nil)
  }
}
