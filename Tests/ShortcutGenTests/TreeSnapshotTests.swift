import Foundation
import TestSupport
import Testing

@testable import ShortcutGen

/// What is put back when writing fails half way.
@Suite(.enabled(if: Place.tool("git") != nil, "git is not installed"))
struct TreeSnapshotTests {
  private static let patch = """
    diff --git a/src/old.c b/src/old.c
    --- a/src/old.c
    +++ b/src/old.c
    @@ -1 +1 @@
    -before
    +after
    diff --git a/new/deep/x.c b/new/deep/x.c
    new file mode 100644
    --- /dev/null
    +++ b/new/deep/x.c
    @@ -0,0 +1 @@
    +x

    """

  @Test func everythingIsAsBefore() throws {
    try withTemporaryFolder { folder in
      let (tree, reviewed) = (folder.appending(path: "tree"), folder.appending(path: "out"))
      let old = tree.appending(path: "src/old.c")
      for (file, text) in [
        (old, "before\n"), (reviewed.appending(path: "app/app.patch"), Self.patch),
      ] {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: old.path)
      let change = try TreeChange.application(tree.path, from: ReviewedFolder(reviewed.path))
      let snapshot = try TreeSnapshot(change)
      try change.check()
      try change.apply()
      #expect(try String(contentsOf: old, encoding: .utf8) == "after\n")
      try snapshot.restore()
      #expect(try String(contentsOf: old, encoding: .utf8) == "before\n")
      let mode = try FileManager.default.attributesOfItem(atPath: old.path)[.posixPermissions]
      #expect(mode as? Int == 0o750)
      #expect(
        try FileManager.default.subpathsOfDirectory(atPath: tree.path).sorted() == [
          "src", "src/old.c",
        ])
    }
  }
}
