import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Functions, inlined ones too, files, lines and columns of programs compiled here, against what
/// `llvm-symbolizer` says of the same addresses.
@Suite struct DebugInfoTests {
  static let c = """
    static volatile int sink;
    static inline __attribute__((always_inline)) int innermost(int x) {
      for (int i = 0; i < x; i++)
        sink += i;
      return sink;
    }
    static inline __attribute__((always_inline)) int middle(int x) {
      if (x & 1) return innermost(x) + 1;
      return innermost(x * 3);
    }
    __attribute__((noinline)) int outer(int x) {
      return middle(x) + middle(x + 1);
    }
    __attribute__((noinline)) static int recursive(int x) { return x ? recursive(x - 1) + outer(x) : 0; }
    int main(int argc, char **argv) {
      (void)argv;
      return recursive(argc) + middle(argc);
    }
    """

  static let cpp = """
    #include <algorithm>
    #include <map>
    #include <string>
    #include <vector>
    namespace app {
    template <typename T> struct Box {
      std::vector<T> all;
      void put(T value) { all.push_back(value); }
      T sum() const { T s{}; for (auto &v : all) s += v; return s; }
    };
    struct Local { static int twice(int x); };
    int Local::twice(int x) { auto f = [&](int y) { return y * x; }; return f(2); }
    }
    __attribute__((noinline)) long work(int n) {
      app::Box<long> box;
      for (int i = 0; i < n; i++) box.put(i ^ n);
      std::sort(box.all.begin(), box.all.end(), [](long a, long b) { return a > b; });
      std::map<std::string, long> named;
      named[std::string(n, 'x')] = box.sum();
      return named.begin()->second;
    }
    int main(int argc, char **) { return work(argc) + app::Local::twice(argc); }
    """

  static let rust = """
    #[inline(always)] fn innermost(x: u64) -> u64 { (0..x).map(|i| i * x).sum() }
    #[inline(never)] pub fn outer(v: &mut Vec<u64>) -> u64 {
      v.sort_by(|a, b| b.cmp(a));
      v.iter().map(|&x| innermost(x)).fold(0, |a, b| a ^ b)
    }
    fn main() { let mut v: Vec<u64> = (0..50).map(|x| x * 7 % 13).collect(); println!("{}", outer(&mut v)); }
    """

  /// A way to make a program.
  struct Way: Sendable, CustomTestStringConvertible {
    let compiler: String
    let flags: [String]
    let source: String
    let suffix: String
    var testDescription: String { ([compiler] + flags).joined(separator: " ") }

    static let all = [
      Way(compiler: "gcc", flags: ["-O2", "-g"], source: c, suffix: "c"),
      Way(compiler: "gcc", flags: ["-O2", "-g", "-gdwarf-4", "-no-pie"], source: c, suffix: "c"),
      Way(compiler: "gcc", flags: ["-O2", "-g", "-gz"], source: c, suffix: "c"),
      Way(compiler: "gcc", flags: ["-O2", "-g", "-gsplit-dwarf"], source: c, suffix: "c"),
      Way(compiler: "gcc", flags: ["-O2", "-g", "-flto"], source: c, suffix: "c"),
      // An object file, as a kernel module is one.
      Way(
        compiler: "gcc", flags: ["-O2", "-g", "-c", "-fno-reorder-functions"], source: c,
        suffix: "c"),
      Way(compiler: "clang", flags: ["-O2", "-g"], source: c, suffix: "c"),
      Way(compiler: "clang", flags: ["-O2", "-g", "-gdwarf-4"], source: c, suffix: "c"),
      Way(compiler: "g++", flags: ["-O2", "-g"], source: cpp, suffix: "cc"),
      Way(compiler: "g++", flags: ["-O1", "-g", "-ffunction-sections"], source: cpp, suffix: "cc"),
      Way(compiler: "rustc", flags: ["-O", "-g"], source: rust, suffix: "rs"),
    ]
  }

  @Test(arguments: Way.all) func framesAreLLVMs(way: Way) throws {
    guard let symbolizer = Self.symbolizer else {
      return skipped("no llvm-symbolizer in the Swift toolchain")
    }
    guard let compiler = Place.tool(way.compiler) else {
      return skipped("\(way.compiler) is not installed")
    }
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("prog.\(way.suffix)")
      let program = folder.appendingPathComponent("prog")
      try Data(way.source.utf8).write(to: source)
      let built = try run(
        compiler, way.flags + ["-o", program.path, "prog.\(way.suffix)"], in: folder)
      guard built.status == 0 else {
        return skipped("\(way.testDescription) does not work here: \(built.stderr)")
      }
      try compare(program, symbolizer)
    }
  }

  /// Some thousand addresses, spread over the program's code.
  private func compare(_ program: URL, _ symbolizer: URL) throws {
    let image = try ElfImage(path: FilePath(program.path))
    let info = try #require(image.debugInfo)
    let symbols = image.symbols
    var all: [UInt64] = []
    let code = try Self.code(of: program)
    for row in 0..<symbols.count where code.contains(symbols.starts[row]) {
      let (start, end) = (symbols.starts[row], symbols.end(row))
      if end - start < 4096 { all += start..<end }
    }
    let step = max(3, all.count / 6000)
    let addresses = stride(from: 0, to: all.count, by: step).map { all[$0] }
    let truth = try Self.symbolize(addresses, program, symbolizer)
    #expect(truth.count == addresses.count)
    var (compared, inlined) = (0, 0)
    for (address, expected) in zip(addresses, truth) where expected.last?.line ?? 0 > 0 {
      let frames = info.frames(at: address)
      let ours = frames.map(Frame.init)
      let text = "0x\(String(address, radix: 16)): \(ours) instead of \(expected)"
      #expect(ours.count == expected.count, "\(text)")
      for (our, their) in zip(ours, expected) {
        #expect(our.line == their.line && our.column == their.column, "\(text)")
        #expect(our.file == their.file, "\(text)")
      }
      // What the outermost function is called llvm asks the symbol table.
      for (our, their) in zip(ours.dropLast(), expected.dropLast()) {
        #expect(our.function == demangled(their.function) ?? their.function, "\(text)")
      }
      let marks = frames.map { $0.isInlined }
      #expect(marks.last == false && marks.dropLast().allSatisfy { $0 }, "\(text)")
      (compared, inlined) = (compared + 1, inlined + (ours.count > 1 ? 1 : 0))
    }
    #expect(compared > 20 && inlined > 5, "\(compared) addresses, \(inlined) of them inlined")
  }

  /// Where the program's code is loaded: behind headers and notes, whose addresses no line has.
  private static func code(of program: URL) throws -> Range<UInt64> {
    let readelf = try #require(Place.tool("readelf"), "compilers need binutils")
    let sections = try run(readelf, ["-SW", program.path]).lines
      .map { $0.split(separator: " ").drop { $0.hasPrefix("[") || $0.hasSuffix("]") } }
    let text = try #require(sections.first { $0.first == ".text" }.map(Array.init))
    let (start, size) = (UInt64(text[2], radix: 16) ?? 0, UInt64(text[4], radix: 16) ?? 0)
    return start..<start + size
  }

  /// Beside the compiler.
  static let symbolizer: URL? = Place.tool("swift").map {
    $0.resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("llvm-symbolizer")
  }.flatMap { FileManager.default.isExecutableFile(atPath: $0.path) ? $0 : nil }

  struct Frame: CustomStringConvertible {
    let function: String
    let file: String
    let line: Int
    let column: Int
    var description: String { "\(function) \(file):\(line):\(column)" }

    init(_ frame: SourceFrame) {
      function = frame.function ?? ""
      file = Frame.standardized(frame.position?.file ?? "")
      line = frame.position?.line ?? 0
      column = frame.position?.column ?? 0
    }

    init(_ symbol: Symbol) {
      function = symbol.FunctionName
      file = Frame.standardized(symbol.FileName)
      line = symbol.Line
      column = symbol.Column
    }

    private static func standardized(_ path: String) -> String {
      URL(filePath: path).standardizedFileURL.path
    }
  }

  /// What llvm-symbolizer's JSON has.
  struct Symbol: Decodable {
    let FunctionName: String
    let FileName: String
    let Line: Int
    let Column: Int
  }

  struct Answer: Decodable { let Symbol: [Symbol] }

  static func symbolize(
    _ addresses: [UInt64], _ program: URL, _ symbolizer: URL
  ) throws -> [[Frame]] {
    try withTemporaryFolder { folder in
      let list = folder.appendingPathComponent("addresses")
      let text = addresses.map { "0x\(String($0, radix: 16))" }.joined(separator: "\n")
      try Data(text.utf8).write(to: list)
      let result = try run(
        symbolizer,
        ["--obj=\(program.path)", "--output-style=JSON", "--no-demangle", "@\(list.path)"])
      try #require(result.status == 0, "\(result.stderr)")
      return try JSONDecoder().decode([Answer].self, from: result.stdout)
        .map { $0.Symbol.map(Frame.init) }
    }
  }
}
