import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Which of kallsyms, image and module file names an address of the kernel.
@Suite struct ModuleResolutionTests {
  private static let base: UInt64 = 0xffff_ffff_c040_0000
  private static let kernelMode: UInt16 = 1

  /// A source of one module; records what it is asked for.
  private struct OneModule: ImageSource {
    let module: ElfImage?
    var asked: [String] = []
    var warnings: [String] { asked }
    mutating func image(of file: RecordedFile) -> ElfImage? { nil }
    mutating func module(_ file: RecordedFile, release: String?) -> ElfImage? {
      asked.append("\(file.path) \(release ?? "-")")
      return module
    }
  }

  /// A recording whose kernel chain is `addresses`, leaf first.
  private func recording(_ addresses: [UInt64], module path: String) -> PerfDataBuilder {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.feature(4) { $0.headerString("6.1.0-test") }  // HEADER_OSRELEASE
    file.mmap(
      "[kernel.kallsyms]_text", pid: -1, start: 0xffff_ffff_8100_0000, length: 0x100_0000,
      pageOffset: 0xffff_ffff_8100_0000, misc: Self.kernelMode)
    file.mmap(path, pid: -1, start: Self.base, length: 0x10000, misc: Self.kernelMode)
    file.sample(SampleValues(chain: [ChainMarker.kernel] + addresses), misc: Self.kernelMode)
    return file
  }

  private func kallsyms(_ text: String) throws -> SymbolTable {
    try Kallsyms(text: Array(text.utf8), path: "kallsyms").symbols
  }

  /// Frames outermost first.
  private func frames(_ resolved: ResolvedProfile) -> [String] {
    resolved.stacks[0].map { resolved.function($0).symbol }
  }

  /// `first` at 0 and `second` behind it, by gcc.
  private func withModule(
    at path: String = "x.ko", _ test: String = #function, _ body: (URL) throws -> Void
  ) throws {
    guard let gcc = Place.tool("gcc") else { return skipped("gcc is not installed", test) }
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("x.c")
      try Data("int first(int x) { return x + 1; }\nint second(int x) { return x; }\n".utf8)
        .write(to: source)
      let object = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: object.deletingLastPathComponent(), withIntermediateDirectories: true)
      let result = try run(
        gcc, ["-O1", "-falign-functions=64", "-c", "-o", object.path, source.path])
      try #require(result.status == 0, "\(result.stderr)")
      try body(folder)
    }
  }

  @Test func withoutKallsymsTheFileCounts() throws {
    try withModule { folder in
      let image = try ElfImage(path: FilePath("\(folder.path)/x.ko"))
      let symbolizer = Symbolizer(kernel: nil, source: OneModule(module: image))
      let file = recording([Self.base + 1, Self.base + 65], module: "[x]")
      let resolved = symbolizer.resolve(try read(file))
      #expect(frames(resolved) == ["second", "first"])
      #expect(Set(resolved.warnings) == ["[x] 6.1.0-test"])
      #expect(resolved.functions.allSatisfy { $0.origin == .kernel })
    }
  }

  @Test func withoutAnythingTheModuleIsNamed() throws {
    let symbolizer = Symbolizer(kernel: nil, source: OneModule(module: nil))
    let file = recording([Self.base + 1], module: "/lib/modules/6.1.0-test/kernel/x.ko.xz")
    let resolved = symbolizer.resolve(try read(file))
    #expect(frames(resolved) == ["[x.ko.xz]"])
  }

  /// A guest's kernel is another one, whatever stands at its addresses here.
  @Test func guestsAreNotTheKernels() throws {
    let kernel = KernelSymbols(
      try kallsyms("ffffffff81000000 T _text\nffffffff81100000 T _etext\n"))
    for (mode, name) in [(1, "_text"), (3, "[unknown]"), (4, "[unknown]")] as [(UInt16, String)] {
      var file = PerfDataBuilder(attributes: [.init(SampleBit.ip | SampleBit.tid)])
      file.mmap(
        "[kernel.kallsyms]_text", pid: -1, start: 0xffff_ffff_8100_0000, length: 0x10_0000,
        pageOffset: 0xffff_ffff_8100_0000, misc: Self.kernelMode)
      var values = SampleValues()
      values.ip = 0xffff_ffff_8100_0100
      file.sample(values, misc: mode)
      let resolved = Symbolizer(kernel: kernel, source: NoImages()).resolve(try read(file))
      #expect(frames(resolved) == [name])
    }
  }

  /// Kallsyms say what the kernel really has there.
  @Test func kallsymsWin() throws {
    try withModule { folder in
      let image = try ElfImage(path: FilePath("\(folder.path)/x.ko"))
      let kernel = KernelSymbols(
        try kallsyms(
          """
          ffffffff81000000 T _text
          ffffffffc0400000 t real_first\t[x]
          ffffffffc0400040 t real_second\t[x]
          """))
      let symbolizer = Symbolizer(kernel: kernel, source: OneModule(module: image))
      let file = recording([Self.base + 1, Self.base + 65], module: "[x]")
      let resolved = symbolizer.resolve(try read(file))
      #expect(frames(resolved) == ["real_second", "real_first"])
    }
  }

  private static let inlining = """
    static volatile int sink;
    static inline __attribute__((always_inline)) void inner(int n) {
      for (int i = 0; i < n; i++) sink += i;
    }
    static inline __attribute__((always_inline)) void middle(int n) { inner(n); sink++; }
    int first(int x) { middle(x); return x; }
    __attribute__((section(".text.unlikely"))) int second(int x) { middle(x); return x; }
    """

  /// With its own debug information, in whichever section the code is; kallsyms name the outer function.
  /// Nothing is shown of a file that may be another build's.
  @Test func inlinedFunctionsOfAModule() throws {
    guard let gcc = Place.tool("gcc") else { return skipped("gcc is not installed") }
    try withTemporaryFolder { folder in
      try Data(Self.inlining.utf8).write(to: folder.appendingPathComponent("x.c"))
      let built = try run(gcc, ["-O2", "-g", "-c", "-o", "x.ko", "x.c"], in: folder)
      try #require(built.status == 0, "\(built.stderr)")
      let image = try ElfImage(path: FilePath("\(folder.path)/x.ko"))
      let second = try #require(image.symbols.address(of: "second"))
      let inside = try (0..<2).map { function in
        let range = function == 0 ? 1..<second : second..<second + 64
        return try #require(
          range.first { image.debugInfo?.inlinedFunctions(at: $0) == ["inner", "middle"] })
      }
      let lines = "ffffffff81000000 T _text\nffffffffc0400000 t NAME\t[x]\n"
      let names = [nil, "first", "other"] as [String?]
      for (name, hasID) in names.flatMap({ [($0, true), ($0, false)] }) {
        let kernel = try name.map {
          KernelSymbols(try kallsyms(lines.replacing("NAME", with: $0)))
        }
        var file = recording([Self.base + inside[0]], module: "[x]")
        if hasID { file.buildID("[x]", [UInt8](repeating: 7, count: 20), misc: Self.kernelMode) }
        var symbolizer = Symbolizer(kernel: kernel, source: OneModule(module: image))
        symbolizer.expandsInlines = true
        let resolved = symbolizer.resolve(try read(file))
        let inlined = hasID && name != "other" ? ["middle", "inner"] : []
        #expect(frames(resolved) == [name ?? "first"] + inlined)
      }
      var file = recording([Self.base + inside[1]], module: "[x]")
      file.buildID("[x]", [UInt8](repeating: 7, count: 20), misc: Self.kernelMode)
      var symbolizer = Symbolizer(kernel: nil, source: OneModule(module: image))
      symbolizer.expandsInlines = true
      let resolved = symbolizer.resolve(try read(file))
      #expect(frames(resolved) == ["second", "middle", "inner"])
    }
  }

  /// The last symbol before the module reaches into it only because nothing says where it ends.
  @Test func symbolFromBeforeTheModuleIsNotTheModules() throws {
    try withModule { folder in
      let image = try ElfImage(path: FilePath("\(folder.path)/x.ko"))
      let kernel = KernelSymbols(
        try kallsyms("ffffffff81000000 T _text\nffffffffc03fff00 t other\t[y]\n"))
      let symbolizer = Symbolizer(kernel: kernel, source: OneModule(module: image))
      let file = recording([Self.base + 1], module: "[x]")
      let resolved = symbolizer.resolve(try read(file))
      #expect(frames(resolved) == ["first"])
    }
  }

  /// An image has no modules and no BPF programs; kallsyms have, at their running addresses.
  @Test func imageIsCompletedByKallsyms() throws {
    let image = try kallsyms("ffffffff81000000 T _text\nffffffff81000100 T read_it\n")
    let running = try kallsyms(
      """
      ffffffff82000000 T _text
      ffffffff82000100 T not_asked
      ffffffffc0400000 t of_module\t[x]
      ffffffffc0500000 t bpf_prog_1\t[bpf]
      """)
    let kernel = KernelSymbols(
      image, bias: 0xffff_ffff_8100_0000 &- 0xffff_ffff_8200_0000, outside: running)
    let symbolizer = Symbolizer(kernel: kernel, source: OneModule(module: nil))
    let file = recording(
      [0xffff_ffff_8200_0108, Self.base + 8, 0xffff_ffff_c050_0008], module: "[x]")
    let resolved = symbolizer.resolve(try read(file))
    #expect(frames(resolved) == ["bpf_prog_1", "of_module", "read_it"])
  }

  /// By the recorded path; by name where perf knew no path, or the file is packed in another way.
  @Test(arguments: [
    "/lib/modules/6.1.0-test/kernel/drivers/virtio-x.ko",
    "/lib/modules/6.1.0-test/kernel/drivers/virtio-x.ko.xz", "[virtio_x]",
  ])
  func foundBelowTheSysroot(path: String) throws {
    try withModule(at: "lib/modules/6.1.0-test/kernel/drivers/virtio-x.ko") { folder in
      let symbolizer = Symbolizer(
        kernel: nil, search: SymbolSearch(sysroot: FilePath(folder.path)))
      let file = recording([Self.base + 1], module: path)
      let resolved = symbolizer.resolve(try read(file))
      #expect(frames(resolved) == ["first"])
    }
  }

  /// A release is a folder's name, not a path.
  @Test(arguments: ["", "..", "../../etc", "a/b", "."])
  func hostileRelease(release: String) {
    var loader = ImageLoader(SymbolSearch(sysroot: "/"))
    #expect(loader.module(RecordedFile("[x]"), release: release) == nil)
    #expect(loader.module(RecordedFile(""), release: "r") == nil)
    #expect(loader.module(RecordedFile("["), release: "r") == nil)
  }

  @Test(arguments: [
    ("virtio-rng.ko", "virtio_rng"), ("9p.ko.xz", "9p"), ("a.ko.zst", "a"), ("a.kox", nil),
    ("ko", nil),
  ])
  func moduleNames(file: String, name: String?) {
    #expect(ModuleFolder.moduleName(ofFile: file) == name)
  }
}
