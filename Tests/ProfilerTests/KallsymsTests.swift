import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Kernel symbols from `/proc/kallsyms`, as `proc(5)` describes the file.
@Suite struct KallsymsTests {
  private func parse(_ text: String) throws -> Kallsyms {
    try Kallsyms(text: Array(text.utf8), path: "kallsyms")
  }

  @Test(arguments: [
    ("ffffffff81000000 T start\nffffffff81000100 t next\n", ["start", "next"], 0),
    ("ffffffff81000000 T start", ["start"], 0),  // no newline at the end
    ("ffffffffc0000000 t init_module\t[e1000]\n", ["init_module"], 0),
    ("1000 T a\n\n\n1010 W b\n1020 D c\n1030 B d\n1040 b e\n", ["a", "b", "c", "d", "e"], 0),
    ("1000 T a\n1010 R rodata\n1020 A absolute\n1030 V weakdata\n", ["a"], 0),
    ("1000 T a\nnonsense\n", ["a"], 1),
    ("1000 T a\n 1010 T b\n1010\n1010 T\n1010 T \n10g0 T x\n1010TT x\n", ["a"], 6),
    ("1000 T a\n12345678123456781 T tooLong\n", ["a"], 1),
    ("1000 T a\r\n1010 T b\r\n", ["a", "b"], 0),
    ("DEADBEEF T upper\n", ["upper"], 0),
    (
      "\0\0\0\0\0\0\0\081000000 T nothing\nffffffff81000010 T some_long_name\n"
        + "FFFFFFFF81000020 T in_upper_case\n0000000000000030 T in_low_memory\n",
      ["in_low_memory", "some_long_name", "in_upper_case"], 1
    ),
  ])
  func lines(text: String, names: [String], malformed: Int) throws {
    let kallsyms = try parse(text)
    #expect((0..<kallsyms.symbols.count).map(kallsyms.symbols.name) == names)
    #expect(kallsyms.malformedLines == malformed)
  }

  /// Eight digits at once are what the standard library makes of them; any other byte at any place
  /// makes them none.
  @Test func eightDigitsAtOnce() throws {
    func word(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { $0.load(as: UInt64.self) } }
    for text in ["00000000", "ffffffff", "81443df0", "DEADbeef", "01234567", "89abcdef"] {
      #expect(HexDigits.value(word(Array(text.utf8))) == UInt64(text, radix: 16))
    }
    for place in 0..<8 {
      for byte in UInt8.min ... .max {
        var bytes = Array("9aF05cB7".utf8)
        bytes[place] = byte
        let isDigit = byte < 0x80 && Character(Unicode.Scalar(byte)).isHexDigit
        let wanted = isDigit ? UInt64(String(decoding: bytes, as: UTF8.self), radix: 16) : nil
        #expect(HexDigits.value(word(bytes)) == wanted, "\(byte) at \(place)")
      }
    }
  }

  /// Lines of the usual form with names of every length, every third of a kind that isn't shown,
  /// every second of a module.
  @Test func usualLines() throws {
    var text = ""
    var wanted: [String] = []
    for length in 1...300 {
      let name = String(repeating: "n", count: length)
      let address = String(0xffff_ffff_8100_0000 + UInt64(length), radix: 16)
      let kind = length % 3 == 0 ? "r" : "T"
      let module = length % 2 == 0 ? "" : "\t[ext4]"
      text += "\(address) \(kind) \(name)\(module)\n"
      if length % 3 != 0 { wanted.append(name) }
    }
    let kallsyms = try parse(text)
    #expect((0..<kallsyms.symbols.count).map(kallsyms.symbols.name) == wanted)
    #expect(kallsyms.symbols.starts.first == 0xffff_ffff_8100_0001)
    #expect(kallsyms.malformedLines == 0)
    #expect(kallsyms.modules == ["ext4"])
  }

  @Test(arguments: ["", "\n\n", "no symbols here\n", "1000 R data\n", "\u{0}\u{0}\u{0}"])
  func withoutSymbolsRefused(text: String) {
    let error = #expect(throws: SymbolError.self) { try parse(text) }
    #expect(error?.description == "kallsyms: no kallsyms symbols in it")
  }

  /// Read without privileges: kptr_restrict hides all addresses.
  @Test func allZeroAddressesRefused() {
    let text = "0000000000000000 T _text\n0000000000000000 T tcp_recvmsg\n"
    let error = #expect(throws: SymbolError.self) { try parse(text) }
    #expect(error?.description.contains("kptr_restrict") == true)
  }

  @Test func plainAndPackedAreTheSame() throws {
    guard let gzip = Place.tool("gzip") else { return skipped("gzip is not installed") }
    try withTemporaryFolder { folder in
      let plain = folder.appendingPathComponent("kallsyms")
      try Data(ChainSplitterTests.kallsyms.utf8).write(to: plain)
      #expect(try run(gzip, ["-k", plain.path]).status == 0)
      let packed = try Kallsyms(path: FilePath(plain.path + ".gz"))
      let read = try Kallsyms(path: FilePath(plain.path))
      #expect(packed.symbols.count == 29 && read.symbols.count == 29)
      #expect((0..<29).map(packed.symbols.name) == (0..<29).map(read.symbols.name))
    }
  }

  /// gzip data cut in the middle is an error, not a shorter table.
  @Test func cutArchiveIsRefused() throws {
    let whole = try Data(
      contentsOf: Place.recording("kvd-ukl").appendingPathComponent("kallsyms.gz"))
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("kallsyms.gz")
      try whole.prefix(whole.count / 2).write(to: file)
      _ = #expect(throws: SymbolError.self) { try Kallsyms(path: FilePath(file.path)) }
    }
  }

  @Test func directoryIsRefused() throws {
    try withTemporaryFolder { folder in
      _ = #expect(throws: SymbolError.self) { try Kallsyms(path: FilePath(folder.path)) }
    }
  }

  /// The recording says where its kernel's text began; another kernel's symbols are wrong.
  @Test(arguments: [(0xffff_ffff_8100_0000, 0), (0xffff_ffff_9a00_0000, 1)] as [(UInt64, Int)])
  func foreignKallsymsIsSaid(text: UInt64, warnings: Int) throws {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.mmap(
      "[kernel.kallsyms]_text", pid: -1, start: text, length: 0x7eff_ffff, pageOffset: text, misc: 1
    )
    let profile = try read(file)
    try withTemporaryFolder { folder in
      let kallsyms = folder.appendingPathComponent("kallsyms")
      try Data(ChainSplitterTests.kallsyms.utf8).write(to: kallsyms)
      let found = try KernelSymbols.find(
        for: profile, recording: FilePath(folder.appendingPathComponent("perf.data").path),
        kallsyms: nil, vmlinux: nil, buildIDFolders: [])
      #expect(found?.path == FilePath(kallsyms.path))
      #expect(found?.warnings.count == warnings)
    }
  }

  @Test func nothingBesideTheRecording() throws {
    let profile = try read(PerfDataBuilder(attributes: [.init(SampleBit.usual)]))
    try withTemporaryFolder { folder in
      let path = FilePath(folder.appendingPathComponent("perf.data").path)
      func find() throws -> FilePath? {
        try KernelSymbols.find(
          for: profile, recording: path, kallsyms: nil, vmlinux: nil, buildIDFolders: [])?.path
      }
      let before = try find()
      #expect(before == nil)
      // A FIFO that nobody writes to must not be waited for.
      mkfifo(folder.appendingPathComponent("kallsyms").path, 0o600)
      let after = try find()
      #expect(after == nil)
    }
  }
}
