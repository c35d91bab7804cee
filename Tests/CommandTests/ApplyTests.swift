import Foundation
import TestSupport
import Testing

/// `apply`: both trees or neither, as `git apply` would.
@Suite(.enabled(if: Place.tool("git") != nil, "git is not installed"))
struct ApplyTests {
  private func apply(
    _ trees: TreeSample, _ more: [String] = [], from folder: String? = nil
  ) throws -> RunResult {
    let folder = try folder ?? Reviewed.folder.get().path
    return try Program.run(
      ["apply", folder, "--kernel-tree", trees.kernel, "--app-tree", trees.application] + more)
  }

  /// git's own answer for each patch is the oracle; beside it stand the header and the names.
  @Test func makesWhatGitMakes() throws {
    let (ours, gits) = (try TreeSample(), try TreeSample())
    let result = try apply(ours)
    #expect(result.status == 0, "\(result.stderr)")
    let reviewed = try Reviewed.folder.get()
    for (patches, tree) in [
      (try Reviewed.series(), gits.kernel), ([reviewed.path + "/app/app.patch"], gits.application),
    ] {
      for patch in patches {
        let applied = try Program.run("git", ["apply", patch], in: tree)
        #expect(applied.status == 0, "\(applied.stderr)")
      }
    }
    var (mine, expected) = (try ours.contents(), try gits.contents())
    #expect(
      mine.removeValue(forKey: "kvd/ukl_shortcut.h")
        == Data(try reviewed.text("app/ukl_shortcut.h").utf8))
    let names = mine.removeValue(forKey: "linux/redef_sym_names").map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(
      names == (try gits.text("linux/redef_sym_names")) + (try reviewed.text("app/redef_sym_names"))
    )
    expected["linux/redef_sym_names"] = nil
    #expect(mine == expected)
  }

  @Test func namesThatAreThereAreNotRepeated() throws {
    let trees = try TreeSample()
    try trees.write("linux/redef_sym_names", "ukl_shortcut_tcp_read shortcut_tcp_read")
    #expect(try apply(trees).status == 0)
    let lines = try trees.text("linux/redef_sym_names").split(separator: "\n")
    let wanted = try Reviewed.folder.get().text("app/redef_sym_names").split(separator: "\n")
    #expect(lines.count == Set(lines).count && Set(lines) == Set(wanted))
  }

  @Test func whereOneTreeDoesNotFitNeitherIsChanged() throws {
    let trees = try TreeSample()
    let source = try trees.text("kvd/kvd.c")
    try trees.write("kvd/kvd.c", source.replacing("long r=write(c->fd", with: "long q=write(c->fd"))
    let before = try trees.contents()
    let result = try apply(trees)
    #expect(result.status == 2)
    #expect(result.stderr.contains("kvd.c: hunk 2 of 2 (@@ -"))
    #expect(result.stderr.contains("long r=write(c->fd"))
    #expect(result.stderr.split(separator: "\n").count == 1)
    #expect(try trees.contents() == before)
  }

  @Test func checkOnlyLooks() throws {
    let trees = try TreeSample()
    let before = try trees.contents()
    let fits = try apply(trees, ["--check"])
    #expect(fits.status == 0 && fits.text.contains("app/app.patch: fits \(trees.application)"))
    try trees.write("linux/net/ipv4/Makefile", "obj-y := route.o\n")
    let misfit = try apply(trees, ["--check"])
    #expect(misfit.status == 1 && misfit.stderr.contains("net/ipv4/Makefile: hunk 1 of 1 (@@ -"))
    try trees.write(
      "linux/net/ipv4/Makefile",
      String(decoding: before["linux/net/ipv4/Makefile"] ?? Data(), as: UTF8.self))
    #expect(try trees.contents() == before)
  }

  /// Lines above may have moved: git finds the place, and so does this.
  @Test func hunksMayHaveMoved() throws {
    let trees = try TreeSample()
    let makefile = try trees.text("linux/net/ipv4/Makefile")
    try trees.write("linux/net/ipv4/Makefile", String(repeating: "# line\n", count: 300) + makefile)
    #expect(try apply(trees).status == 0)
    #expect(
      try trees.text("linux/net/ipv4/Makefile")
        .contains("\nobj-$(CONFIG_UKL_SHORTCUT_TCP) += ukl_shortcut_tcp.o\n"))
  }

  @Test func aSecondTimeSaysSo() throws {
    let trees = try TreeSample()
    #expect(try apply(trees).status == 0)
    let before = try trees.contents()
    let again = try apply(trees)
    #expect(again.status == 2 && again.stderr.contains("the patches are applied already"))
    #expect(try trees.contents() == before)
  }

  /// In a folder of a repository git itself would leave out what isn't below it, silently; settings
  /// that change line ends must not matter.
  @Test func aRepositoryAroundTheTreesDoesNotMatter() throws {
    let (inside, outside) = (try TreeSample(), try TreeSample())
    let root = inside.folder.path + "/ukl"
    for arguments in [
      ["init", "-q", "."], ["config", "core.autocrlf", "true"],
      ["config", "apply.whitespace", "error"],
    ] {
      #expect(try Program.run("git", arguments, in: root).status == 0)
    }
    #expect(try apply(inside).status == 0 && apply(outside).status == 0)
    #expect(try inside.contents().filter { !$0.key.hasPrefix(".git/") } == outside.contents())
  }

  @Test(arguments: [
    "linux/net/ipv4/Makefile", "linux/net", "kvd/kvd.c", "kvd/ukl_shortcut.h",
    "linux/redef_sym_names",
  ])
  func linksAreNotFollowed(_ path: String) throws {
    let trees = try TreeSample()
    let place = "\(trees.folder.path)/ukl/\(path)"
    let elsewhere = trees.folder.path + "/elsewhere"
    if FileManager.default.fileExists(atPath: place) {
      try FileManager.default.moveItem(atPath: place, toPath: elsewhere)
    } else {
      try Data("Generated by ukl-shortcut \n".utf8).write(to: URL(filePath: elsewhere))
    }
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: elsewhere)
    let before = try trees.contents()
    let result = try apply(trees)
    #expect(result.status == 2 && result.stderr.contains("a symbolic link"))
    #expect(try trees.contents() == before)
  }

  @Test(arguments: [
    ("--- /dev/null\n+++ b/../escaped\n@@ -0,0 +1 @@\n+evil\n", "not a path below the tree"),
    (
      "--- /dev/null\n+++ b/.git/hooks/post-checkout\n@@ -0,0 +1 @@\n+evil\n",
      "not a path below the tree"
    ),
    (
      "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n",
      "makes a link"
    ),
    ("@@ no patch\n", "git can't read the patches"),
  ])
  func hostilePatchesAreRefused(patch: String, reason: String) throws {
    let (trees, reviewed) = (try TreeSample(), try Reviewed.copy())
    try Data(patch.utf8).write(to: URL(filePath: reviewed.path + "/app/app.patch"))
    let before = try trees.contents()
    let result = try apply(trees, from: reviewed.path)
    #expect(result.status == 2 && result.stderr.contains(reason), "\(result.stderr)")
    #expect(try trees.contents() == before)
    #expect(!FileManager.default.fileExists(atPath: trees.folder.path + "/ukl/escaped"))
  }

  @Test func aHeaderOfAnotherAuthorIsLeftAlone() throws {
    let trees = try TreeSample()
    try trees.write("kvd/ukl_shortcut.h", "int mine;\n")
    let result = try apply(trees)
    #expect(result.status == 2 && result.stderr.contains("not written by ukl-shortcut"))
    #expect(try trees.text("kvd/ukl_shortcut.h") == "int mine;\n")
  }

  @Test func unguardedFilesNeedAFlag() throws {
    let (trees, reviewed) = (try TreeSample(), try Reviewed.copy())
    let header = reviewed.path + "/app/ukl_shortcut.h"
    let text = try String(contentsOfFile: header, encoding: .utf8)
    try Data((text + "/* UNSAFE: generated with --no-guards */\n").utf8).write(
      to: URL(filePath: header))
    let before = try trees.contents()
    let refused = try apply(trees, from: reviewed.path)
    #expect(refused.status == 2 && refused.stderr.contains("app/ukl_shortcut.h"))
    #expect(try trees.contents() == before)
    #expect(try apply(trees, ["--unsafe"], from: reviewed.path).status == 0)
  }

  @Test func printsThePatchSetsBuild() throws {
    let trees = try TreeSample()
    #expect(
      try apply(trees).lines == [
        "cd \(trees.folder.path)/ukl", "./configure --with-program=kvd --enable-shortcuts", "make",
      ])
  }

  @Test func aPlainKernelIsBuiltItsOwnWay() throws {
    let trees = try TreeSample(patchSet: false)
    let lines = try apply(trees, ["--program", "my server"]).lines
    #expect(
      lines.prefix(4) == [
        "cd \(trees.kernel)", "scripts/config --enable INET --enable UKL_DEEP_SHORTCUT",
        "make olddefconfig", "make",
      ])
    #expect(lines.contains("#   ./configure --with-program='my server' --enable-shortcuts"))
  }

  @Test func eitherTreeWillDoButOneMustBe() throws {
    let trees = try TreeSample()
    let reviewed = try Reviewed.folder.get().path
    #expect(try Program.run(["apply", reviewed]).status == 64)
    let before = try trees.contents()
    #expect(try Program.run(["apply", reviewed, "--app-tree", trees.application]).status == 0)
    let changed = try trees.contents().filter { before[$0.key] != $0.value }.keys.sorted()
    #expect(changed == ["kvd/kvd.c", "kvd/ukl_shortcut.h"])
  }

  @Test(arguments: ["/nonexistent", "/etc"])
  func aFolderWithoutPatchesIsRefused(_ folder: String) throws {
    let result = try apply(try TreeSample(), from: folder)
    #expect(result.status == 2 && result.stderr.hasPrefix("error: \(folder): "))
  }
}
