import Foundation
import ShortcutGen
import Testing

@Suite struct AppDiffTreeTests {
  @Test func listsSourcesInOrderAndLeavesOutTheRest() throws {
    let folder = try ScratchFolder()
    for name in [
      "b.c", "a/z.h", "a/y.cpp", "a-b.c", ".git/x.c", ".pc/b.c", "CMakeFiles/x.c", "notes.txt",
    ] {
      try folder.write([0x0a], to: name)
    }
    try folder.write(Array(repeating: 0x20, count: SourceTree.maximumFileSize + 1), to: "big.c")
    let link = FileManager.default
    try link.createSymbolicLink(
      atPath: folder.url.path + "/link.c", withDestinationPath: "/etc/passwd")
    try link.createSymbolicLink(atPath: folder.url.path + "/loop", withDestinationPath: ".")
    let tree = try SourceTree(folder: folder.url.path)
    #expect(tree.paths == ["a-b.c", "a/y.cpp", "a/z.h", "b.c"])
    #expect(tree.skipped.map(\.path) == ["big.c", "link.c"])
    #expect(tree.skipped.map(\.reason) == ["too big for a source file", "symbolic link"])
    #expect(try tree.bytes(of: "a/z.h") == [0x0a])
  }

  @Test(arguments: ["../a.c", "/etc/passwd", "loop/b.c", "link.c", ""])
  func readsNothingOutside(_ path: String) throws {
    let folder = try ScratchFolder()
    try folder.write([0x0a], to: "b.c")
    let files = FileManager.default
    try files.createSymbolicLink(
      atPath: folder.url.path + "/link.c", withDestinationPath: "/etc/passwd")
    try files.createSymbolicLink(atPath: folder.url.path + "/loop", withDestinationPath: ".")
    let tree = try SourceTree(folder: folder.url.path)
    #expect(throws: SourceTreeError.self) { try tree.bytes(of: path) }
  }

  @Test func aMissingFolderSaysSo() {
    let error = #expect(throws: SourceTreeError.self) { try SourceTree(folder: "/nonexistent") }
    #expect(error?.description == "/nonexistent: No such file or directory")
  }

  /// Text that is broken in every way a lexer can trip over: no crash, no hang, no change.
  @Test(arguments: [
    "int f(", "int f() {", "int f() { read(", "#if", "#if 1\n#else\n#else\n#endif\n#endif", "}}}}",
    "/*", "\"", "'", "R\"(", "\\", "\\\n", "#", "#define", "#define X(", "#include \"", "f f f f {",
    "int f() { #define read", "((((((((((", "int f() : a{", "u8", "u8R\"", "0x1p", "1'", "::read(",
  ])
  func brokenSourcesDoNoHarm(_ text: String) {
    for source in [text, text + "\n", "\u{feff}" + text, text + "f read("] {
      #expect(change(["a.c": source, "a.h": source], .read(in: "f")).patch.isEmpty)
    }
  }

  @Test(arguments: ["(", "{", "read(", "#if A\n{", "f() : a{}, ", "f(a) int a; ", "struct {"])
  func hostileNestingStaysFast(_ piece: String) {
    let source = String(repeating: piece, count: 20_000) + " f read"
    #expect(change(["a.c": "int f() {" + source, "b.c": source], .read(in: "f")).patch.isEmpty)
  }

  @Test func theSameTreeGivesTheSamePatch() throws {
    let sites = ["rec_pread", "chat_recv", "page_read", "mix_read", "uds_read"].map {
      CallSite.read(in: $0)
    }
    let tree = try SourceTree(folder: fixture("zoo").path)
    let patch = ApplicationDiff(sites: sites, in: tree).patch
    #expect(ApplicationDiff(sites: sites, in: tree).patch == patch)
    #expect(ApplicationDiff(sites: sites.reversed(), in: tree).patch == patch)
  }
}
