import ShortcutGen
import Testing

@Suite struct AppDiffIncludeTests {
  private static let function = "int f(int d) { return read(d,0,0); }"
  private static let changed = "int f(int d) { return ukl_shortcut_tcp_read(d,0,0); }"

  /// The text above the function, and the same with `@` where the include must appear.
  @Test(arguments: [
    "@",
    "/* licence\n */\n@\n",
    "// licence\n// more\n@int x;\n",
    "/* one */ int x;\n",
    "#include <a.h>\n#include \"b.h\" /* why\n not */\n@\n",
    "#include <a.h>\n@#ifdef B\n#include \"b.h\"\n#endif\n",
    "#include <a.h>\n#ifdef HAVE_UNISTD_H\n#include <unistd.h>\n#endif\n@int x;\n",
    "#ifdef A\n# include <a.h>\n#else\n# include <b.h>\n#endif\n@int x;\n",
    "#include <a.h>\n@#if 0\n#include <unistd.h>\n#endif\n",
    "#include <a.h>\n@int t[] = {\n#include \"t.inc\"\n};\n",
    "#include <a.h>\nint g(void) { return 0; }\n#include \"late.h\"\n@",
    "#ifdef __cplusplus\nextern \"C\" {\n#endif\n#include <a.h>\n@#ifdef __cplusplus\n}\n#endif\n",
  ])
  func goesWhereTheDeclarationsAreSeen(_ template: String) {
    let line = "#include \"ukl_shortcut.h\"\n"
    let isTop = !template.contains("@")
    let above = template.filter { $0 != "@" }
    let expected =
      (isTop ? line + template : template.replacing("@", with: line)) + Self.changed
    let diff = change(["a.c": above + Self.function + "\n#include \"after.h\"\n"], .read(in: "f"))
    #expect(diff.onlyNewText == expected + "\n#include \"after.h\"\n")
  }

  @Test func anIncludeGuardIsNoConditional() {
    let diff = change(
      ["a.h": "#ifndef A_H\n#define A_H\n#include <x.h>\nstatic inline \(Self.function)\n#endif\n"],
      .read(in: "f"))
    #expect(
      diff.onlyNewText == "#ifndef A_H\n#define A_H\n#include <x.h>\n"
        + "#include \"ukl_shortcut.h\"\nstatic inline \(Self.changed)\n#endif\n")
  }

  @Test func aGuardedHeaderWithoutIncludes() {
    let diff = change(
      ["a.h": "#ifndef A_H\n#define A_H\nstatic \(Self.function)\n#endif\n"], .read(in: "f"))
    #expect(
      diff.onlyNewText
        == "#ifndef A_H\n#define A_H\n#include \"ukl_shortcut.h\"\nstatic \(Self.changed)\n#endif\n"
    )
  }

  @Test func isNotRepeated() {
    let above =
      "#include \"ukl_shortcut.h\"\nint g(int d) { return ukl_shortcut_tcp_read(d,0,0); }\n"
    let diff = change(["a.c": above + Self.function], .read(in: "f"))
    #expect(diff.onlyNewText == above + Self.changed)
  }

  /// Line ends, a byte order mark, tabs, form feeds, bytes of no encoding, no newline at the end.
  @Test func everyOtherByteSurvives() throws {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let tail = Array("\t/* ".utf8) + [0xff, 0xe9, 0x0c] + Array(" */\r\n\u{c}int x;".utf8)
    let old = mark + Array("#include <a.h>\r\n\(Self.function)".utf8) + tail
    let new =
      mark + Array("#include <a.h>\r\n#include \"ukl_shortcut.h\"\r\n\(Self.changed)".utf8) + tail
    let tree = SourceTree(files: ["a.c": old])
    let diff = ApplicationDiff(sites: [.read(in: "f")], in: tree)
    #expect(diff.diffs.first?.new == new)
    let folder = try ScratchFolder()
    try folder.write(old, to: "a.c")
    try folder.write(diff.patch, to: "p.patch")
    #expect(try folder.run("git", "apply", "p.patch") == (0, ""))
    #expect(try folder.read("a.c") == new)
  }

  @Test func aMarkStaysFirst() {
    let diff = change(["a.c": "\u{feff}\(Self.function)"], .read(in: "f"))
    #expect(diff.onlyNewText == "\u{feff}#include \"ukl_shortcut.h\"\n\(Self.changed)")
  }
}
