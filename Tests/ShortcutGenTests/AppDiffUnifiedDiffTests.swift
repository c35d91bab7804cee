import ShortcutGen
import Testing

@Suite struct AppDiffUnifiedDiffTests {
  private static func hunk(_ old: String, _ new: String) -> String {
    UnifiedDiff(path: "f", old: old, new: new).text
  }

  private static let head = "diff --git a/f b/f\n--- a/f\n+++ b/f\n"

  @Test(arguments: [
    (old: "a\r\nb\r\n", new: "a\nb\r\n", hunk: "@@ -1,2 +1,2 @@\n-a\r\n+a\n b\r\n"),
    ("a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n"),
    ("a\nb", "x\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n"),
    ("", "a\n", "@@ -0,0 +1,1 @@\n+a\n"),
    ("a\n", "", "@@ -1,1 +0,0 @@\n-a\n"),
    // e with acute: one scalar and two are equal as Swift strings, not as lines of a file.
    ("\u{e9}\n", "e\u{301}\n", "@@ -1,1 +1,1 @@\n-\u{e9}\n+e\u{301}\n"),
    (
      "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
      "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"
    ),
  ])
  func changes(old: String, new: String, hunk: String) {
    #expect(Self.hunk(old, new).utf8.elementsEqual((Self.head + hunk).utf8))
  }

  @Test func nothingChangesNothing() { #expect(Self.hunk("a\n", "a\n").isEmpty) }

  @Test func newFile() {
    let diff = UnifiedDiff(path: "d/f", old: nil, new: "a\n")
    #expect(
      diff.text
        == "diff --git a/d/f b/d/f\nnew file mode 100644\n--- /dev/null\n+++ b/d/f\n"
        + "@@ -0,0 +1,1 @@\n+a\n")
  }

  @Test func functionInTheHunkHeader() {
    var diff = UnifiedDiff(
      path: "f", old: "int f(void)\r\n{\n 1\n 2\n 3\n 4\n}\n",
      new: "int f(void)\r\n{\n 1\n 2\n 3\n 5\n}\n")
    diff.context = 1
    diff.showsFunction = true
    #expect(
      diff.text == Self.head + "@@ -5,3 +5,3 @@ int f(void)\n  3\n- 4\n+ 5\n }\n")
  }

  @Test(arguments: ["a b.c", "q\"uote\\.c", "tab\t.c", "n\nl.c", "\u{e9}.c", "x", "y b/y"])
  func gitAcceptsAnyName(_ path: String) throws {
    let folder = try ScratchFolder()
    let bytes: [UInt8] = [0xff, 0x0c, 0x0d, 0x0a, 0x41]
    try folder.write(bytes, to: path)
    let diff = UnifiedDiff(path: path, old: bytes, new: bytes + [0x42])
    try folder.write(diff.bytes, to: "p.patch")
    #expect(try folder.run("git", "apply", "p.patch") == (0, ""))
    #expect(try folder.read(path) == bytes + [0x42])
  }

  @Test(arguments: [[], [0x41]] as [[UInt8]])
  func gitMakesTheNewFile(_ bytes: [UInt8]) throws {
    let folder = try ScratchFolder()
    try folder.write(UnifiedDiff(path: "n/f", old: nil, new: bytes).bytes, to: "p.patch")
    #expect(try folder.run("git", "apply", "p.patch") == (0, ""))
    #expect(try folder.read("n/f") == bytes)
  }

  @Test func generatedFilesCompareByBytes() {
    let (one, two) = ("\u{e9}", "e\u{301}")
    #expect(GeneratedFile(path: "f", contents: one) != GeneratedFile(path: "f", contents: two))
    #expect(GeneratedFile(path: "f", contents: one).contents == one)
  }
}
