import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Names as the source has them.
@Suite struct DemanglingTests {
  /// The first are the Itanium C++ ABI's own examples, the others RFC 2603's and rustc's older form.
  @Test(arguments: [
    ("_Z1fv", "f()"), ("_Z3fooILi2EEvRAplT_Li1E_i", "void foo<2>(int (&) [(2)+(1)])"),
    ("_ZN5StackIiiE5levelE", "Stack<int, int>::level"),
    ("_RNvC6_123foo3bar", "123foo::bar"),
    ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"),
    ("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"),
  ])
  func knownExamples(mangled: String, source: String) {
    #expect(demangled(mangled) == source)
  }

  @Test(arguments: ["main", "_start", "", "_Z", "_Zfoo", "__Z", "_R", "tcp_recvmsg", "_ZNSt"])
  func whatIsNotMangledStaysAsItIs(symbol: String) {
    #expect(demangled(symbol) == nil)
  }

  /// Names that unfold to much more than themselves, or never end, are given up on.
  @Test func hostileNamesEnd() {
    _ = demangled("_Z" + String(repeating: "P", count: 100_000))
    _ = demangled("_Z1f" + String(repeating: "St4pairI", count: 5000))
    _ = demangled("_R" + String(repeating: "INv", count: 50_000))
  }

  /// A stack of a C++ program shows parameters and template arguments whole.
  @Test func framesOfAProgram() throws {
    guard let compiler = Place.tool("g++") else { return skipped("g++ is not installed") }
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("x.cc")
      try Data(
        """
        namespace app { template <class T> struct Box { static long spin(T *, int); }; }
        template <class T> long app::Box<T>::spin(T *p, int n) { return *p + n; }
        template struct app::Box<long>;
        """.utf8
      ).write(to: source)
      let object = folder.appendingPathComponent("x.so")
      let built = try run(compiler, ["-shared", "-fPIC", "-o", object.path, source.path])
      try #require(built.status == 0, "\(built.stderr)")
      let image = try ElfImage(path: FilePath(object.path))
      let names = (0..<image.symbols.count).compactMap { demangled(image.symbols.name($0)) }
      #expect(names.contains("app::Box<long>::spin(long*, int)"), "\(names)")
    }
  }
}
