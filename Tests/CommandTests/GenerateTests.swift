import Foundation
import TestSupport
import Testing

/// `generate` writes from `shortcuts.json` what `analyze` writes.
@Suite struct GenerateTests {
  /// The analysis of Redis, once: a folder and its `shortcuts.json`.
  private static let analysis = Result {
    let folder = try TemporaryFolder()
    let result = try Program.run(
      ["analyze", Fixture.recording("redis-ukl"), "--output", folder.path, "--quiet"])
    #expect(result.status == 0, "\(result.stderr)")
    return folder
  }

  private func generate(_ arguments: [String]) throws -> RunResult {
    try Program.run(["generate", try Self.analysis.get().path + "/shortcuts.json"] + arguments)
  }

  private func difference(_ first: String, _ second: String) throws -> String {
    try Program.run("diff", ["-r", first, second]).text
  }

  @Test func regeneratingShowsNoDifference() throws {
    let (analysis, folder) = (try Self.analysis.get(), try TemporaryFolder())
    let result = try generate(["--output", folder.path])
    #expect(result.status == 0 && result.text.isEmpty, "\(result.stderr)")
    // Everything but the picture, which is the recording's.
    #expect(
      try difference(analysis.path, folder.path) == "Only in \(analysis.path): flamegraph.svg\n")
    let check = try generate(["--check"])
    #expect(check.status == 0 && check.text.isEmpty)
  }

  /// How the application's side is spelled is remembered.
  @Test func whatAnalyzeWasToldIsKept() throws {
    let folder = try TemporaryFolder()
    let told = ["--return", "negative", "--enter-user", "go_in", "--exit-user", "go_out"]
    let result = try Program.run(
      ["analyze", Fixture.recording("kvd-ukl"), "--output", folder.path, "--quiet"] + told)
    #expect(result.status == 0, "\(result.stderr)")
    let check = try Program.run(["generate", folder.path + "/shortcuts.json", "--check"])
    #expect(check.status == 0 && check.text.isEmpty)
  }

  /// An analysis of an earlier version says less; what it lacks, nothing is generated from.
  @Test func whatIsForReadersOnlyMayBeMissing() throws {
    let whole = try Self.analysis.get().text("shortcuts.json")
    let extra: Set = [
      "predictions", "basis", "systemCalls", "further", "seen", "behind", "policies",
    ]
    func without(_ value: Any) -> Any {
      if let list = value as? [Any] { return list.map(without) }
      guard let object = value as? [String: Any] else { return value }
      return object.filter { !extra.contains($0.key) }.mapValues(without)
    }
    let less = without(try JSONSerialization.jsonObject(with: Data(whole.utf8)))
    let folder = try TemporaryFolder()
    try JSONSerialization.data(withJSONObject: less)
      .write(to: URL(filePath: folder.path + "/shortcuts.json"))
    let result = try Program.run(["generate", folder.path + "/shortcuts.json"])
    #expect(result.status == 0, "\(result.stderr)")
    #expect(try difference(try Self.analysis.get().path + "/kernel", folder.path + "/kernel") == "")
  }

  /// `analyze` generates what it predicts for, and `generate` remembers it.
  @Test(arguments: [["--drop", "fsnotify,rps"], ["--policy", "faithful", "--no-guards"]])
  func analyzeGeneratesUnderItsPolicy(policy: [String]) throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(
      ["analyze", Fixture.recording("kvd-ukl"), "--output", folder.path, "--quiet"] + policy)
    #expect(result.status == 0, "\(result.stderr)")
    let generate = ["generate", folder.path + "/shortcuts.json", "--check"]
    for flags in [[], policy] {
      let check = try Program.run(generate + flags)
      #expect(check.status == 0 && check.text.isEmpty, "\(check.text)\(check.stderr)")
    }
    #expect(try Program.run(generate + ["--policy", "faithful"]).status == 1)
  }

  /// A copy of the analysis, to be changed.
  private func copy() throws -> TemporaryFolder {
    let (analysis, folder) = (try Self.analysis.get(), try TemporaryFolder())
    let copied = try Program.run("cp", ["-r", analysis.path + "/.", folder.path])
    #expect(copied.status == 0)
    return folder
  }

  /// Reports and shortcuts.json say what is in the folder; the way back leads to the same bytes.
  @Test func reportsAreOfWhatIsGenerated() throws {
    let (analysis, folder) = (try Self.analysis.get(), try copy())
    let file = folder.path + "/shortcuts.json"
    #expect(try Program.run(["generate", file, "--drop", "fsnotify,lsm"]).status == 0)
    let report = try folder.text("report.md")
    #expect(report.contains("Stubs: `lean --drop fsnotify,lsm`"))
    #expect(report.contains("What is saved is told for `faithful`, as it was analysed."))
    #expect(report.contains("by --drop lsm"))
    #expect(try folder.text("report.html").contains("by --drop lsm"))
    #expect(try folder.text("shortcuts.json").contains("\"name\" : \"lean --drop fsnotify,lsm\""))
    let stub = try folder.text("kernel/net/ipv4/ukl_shortcut_tcp.c")
    #expect(!stub.contains("security_socket_recvmsg("))
    #expect(try Program.run(["generate", file, "--check"]).status == 0)
    #expect(try Program.run(["generate", file, "--policy", "faithful"]).status == 0)
    #expect(try difference(analysis.path, folder.path) == "")
  }

  /// A report has a section for each stub that is there, and says what was not selected.
  @Test func selectionIsRememberedAndReported() throws {
    let (analysis, folder) = (try Self.analysis.get(), try copy())
    let file = folder.path + "/shortcuts.json"
    #expect(try Program.run(["generate", file, "--select", "connSocketRead.read"]).status == 0)
    let report = try folder.text("report.md")
    #expect(report.contains("\n## `connSocketRead.read`\n"))
    #expect(!report.contains("\n## `connSocketWrite.write`\n"))
    #expect(report.contains("- `connSocketWrite.write` (shortcut, not selected)"))
    #expect(try Program.run(["generate", file, "--check"]).status == 0)
    #expect(try Program.run(["generate", file, "--select", "all"]).status == 0)
    #expect(try difference(analysis.path, folder.path) == "")
  }

  /// `app.patch` is compared where its sources are named; else its names are, and that is said.
  @Test func applicationPatchIsChecked() throws {
    let (folder, sources) = (try TemporaryFolder(), try TemporaryFolder())
    #expect(
      try Program.run("cp", ["-r", Fixture.source("kvd") + "/.", sources.path]).status == 0)
    let analysis = try Program.run(
      ["analyze", Fixture.recording("kvd-ukl"), "--output", folder.path, "--quiet"]
        + ["--app-source", sources.path])
    #expect(analysis.status == 0, "\(analysis.stderr)")
    let file = folder.path + "/shortcuts.json"
    let check = ["generate", file, "--check"]
    let unseen = try Program.run(check)
    #expect(unseen.status == 0 && unseen.stderr.contains("only the names are checked"))
    #expect(try Program.run(check + ["--app-source", sources.path]).status == 0)
    let patch = folder.path + "/app/app.patch"
    let text = try folder.text("app/app.patch")
    try text.replacing("ukl_shortcut_tcp_read", with: "ukl_shortcut_udp_read")
      .write(toFile: patch, atomically: true, encoding: .utf8)
    let named = try Program.run(check)
    #expect(named.status == 1)
    #expect(named.lines == ["\(patch): calls ukl_shortcut_udp_read, which is not generated"])
    let compared = try Program.run(check + ["--app-source", sources.path])
    #expect(compared.status == 1 && compared.text.contains("\(patch): differs from line "))
  }

  @Test func aChangedFileIsNamed() throws {
    let folder = try TemporaryFolder()
    #expect(try generate(["--output", folder.path]).status == 0)
    let stub = folder.path + "/kernel/net/ipv4/ukl_shortcut_tcp.c"
    var lines = try folder.text("kernel/net/ipv4/ukl_shortcut_tcp.c")
      .split(separator: "\n", omittingEmptySubsequences: false)
    lines[41] += " "
    try lines.joined(separator: "\n").write(toFile: stub, atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: folder.path + "/app/redef_sym_names")
    let check = try generate(["--output", folder.path, "--check"])
    #expect(check.status == 1)
    #expect(
      check.lines == [
        "\(stub): differs from line 42 on", "\(folder.path)/app/redef_sym_names: missing",
      ])
  }

  @Test func selectedCandidatesOnly() throws {
    let folder = try TemporaryFolder()
    let output = ["--output", folder.path]
    #expect(try generate(output + ["--select", "connSocketRead.read"]).status == 0)
    let header = try folder.text("kernel/include/linux/ukl_shortcut.h")
    #expect(header.contains("shortcut_tcp_read(") && !header.contains("shortcut_tcp_write("))
    #expect(try generate(output + ["--check"]).status == 1)
  }

  /// Every kind of stub, one patch for each of the nine families.
  @Test func allStubsWhateverWasRecorded() throws {
    let folder = try TemporaryFolder()
    let result = try generate(["--all-stubs", "--module", "--output", folder.path])
    #expect(result.status == 0, "\(result.stderr)")
    let header = try folder.text("kernel/include/linux/ukl_shortcut.h")
    #expect(header.contains("shortcut_ext4_pwrite64(") && header.contains("shortcut_tcp_accept4("))
    let series = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/kernel/series")
    #expect(series.count == 9)
    #expect(try generate(["--all-stubs"]).status == 64)
    #expect(
      try generate(["--all-stubs", "--output", folder.path, "--app-source", "x"]).status == 64)
  }

  /// Two calls of one wrapper on one line: the column of the debug information tells them apart.
  @Test(arguments: [
    (column: 10, line: "ukl_shortcut_tcp_read(a, p, 1) + read(b, p, 1);"),
    (column: 26, line: "read(a, p, 1) + ukl_shortcut_tcp_read(b, p, 1);"),
  ])
  func theColumnTellsCallsOfOneLineApart(column: Int, line: String) throws {
    let (folder, sources) = (try copy(), try TemporaryFolder())
    let source =
      "#include <unistd.h>\nlong connSocketRead(int a, int b, char *p)\n{\n"
      + "  return read(a, p, 1) + read(b, p, 1);\n}\n"
    try source.write(toFile: sources.path + "/c.c", atomically: true, encoding: .utf8)
    let file = folder.path + "/shortcuts.json"
    let json = try JSONSerialization.jsonObject(with: Data(folder.text("shortcuts.json").utf8))
    var document = try #require(json as? [String: Any])
    var candidates = try #require(document["candidates"] as? [[String: Any]])
    let index = try #require(candidates.firstIndex { $0["id"] as? String == "connSocketRead.read" })
    var site = try #require(candidates[index]["site"] as? [String: Any])
    site.merge(["file": "c.c", "line": 4, "column": column]) { $1 }
    candidates[index]["site"] = site
    document["candidates"] = candidates
    try JSONSerialization.data(withJSONObject: document).write(to: URL(filePath: file))
    let result = try Program.run(["generate", file, "--app-source", sources.path])
    #expect(result.status == 0, "\(result.stderr)")
    #expect(try folder.text("app/app.patch").contains("\n+  return \(line)\n"))
  }

  /// A stub that lies there from before would be applied with the others.
  @Test func whatAnEarlierRunGeneratedIsRemoved() throws {
    let folder = try TemporaryFolder()
    let output = ["--output", folder.path]
    #expect(try generate(output).status == 0)
    let (stale, own) = (folder.path + "/kernel/old.patch", folder.path + "/kernel/notes.txt")
    try "Generated by ukl-shortcut 0.0\n".write(toFile: stale, atomically: true, encoding: .utf8)
    try "my notes\n".write(toFile: own, atomically: true, encoding: .utf8)
    let check = try generate(output + ["--check"])
    #expect(check.status == 1 && check.lines.map { $0.hasPrefix(stale) } == [true])
    #expect(try generate(output).status == 0)
    #expect(!FileManager.default.fileExists(atPath: stale))
    #expect(FileManager.default.fileExists(atPath: own))
  }

  @Test(arguments: [
    (id: "nobody.read", says: "no candidate 'nobody.read'"),
    (id: "aeProcessEvents.part.0.epoll_wait", says: "it is unsupported: epoll_wait has no useful"),
  ])
  func whatCannotBeSelectedIsRefused(id: String, says: String) throws {
    let result = try generate(["--select", id])
    #expect(result.status == 2 && result.stderr.contains(says))
    #expect(result.stderr.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ["--policy", "lean"], ["--policy", "faithful", "--drop", "lsm"], ["--drop", "sanity"],
    ["--policy", "reckless"], ["--drop", "lsm,,rps"],
  ])
  func policiesThatSayNothingAreUsage(arguments: [String]) throws {
    #expect(try generate(arguments).status == 64)
  }

  /// A tree is compared with itself as it is with the patch applied.
  @Test func aTreeIsChecked() throws {
    guard let tree = try Self.tree(headers: "6.1") else { return }
    let folder = try TemporaryFolder()
    let options = ["--kernel-tree", tree.path]
    let before = try generate(options + ["--check"])
    #expect(before.status == 1 && before.text.contains("ukl_shortcut_tcp.c: missing"))
    #expect(before.text.contains("net/ipv4/Makefile: differs from line 2 on"))
    #expect(try generate(options + ["--output", folder.path]).status == 0)
    let patches = [folder.path + "/kernel/ukl-shortcuts.patch"]
    let applied = try Program.run("git", ["apply"] + patches, in: tree.path)
    #expect(applied.status == 0, "\(applied.stderr)")
    let after = try generate(options + ["--check"])
    #expect(after.status == 0 && after.text.isEmpty, "\(after.text)\(after.stderr)")
  }

  /// A tree with the headers of a Debian kernel and the places that patches of TCP change.
  private static func tree(headers series: String) throws -> TemporaryFolder? {
    let installed = try FileManager.default.contentsOfDirectory(atPath: "/usr/src")
      .filter { $0.hasPrefix("linux-headers-\(series).") && $0.hasSuffix("-common") }.sorted()
    guard let headers = installed.last else {
      skipped("no headers of Debian's \(series) kernel")
      return nil
    }
    let tree = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: tree.path + "/net/ipv4", withIntermediateDirectories: true)
    try "obj-$(CONFIG_NETLABEL) += cipso_ipv4.o\n".write(
      toFile: tree.path + "/net/ipv4/Makefile", atomically: true, encoding: .utf8)
    try "config INET\n".write(
      toFile: tree.path + "/net/ipv4/Kconfig", atomically: true, encoding: .utf8)
    #expect(try Program.run("cp", ["-r", "/usr/src/\(headers)/include", tree.path]).status == 0)
    return tree
  }

  /// The stubs for a kernel are the same, whether its headers or its image's types say how it is;
  /// but for the names of directions, which types don't have.
  @Test func anImageFitsStubsAsItsHeadersDo() throws {
    let images = (try? FileManager.default.contentsOfDirectory(atPath: "/boot")) ?? []
    guard let image = images.filter({ $0.hasPrefix("vmlinuz-6.12.") }).sorted().last else {
      return skipped("no image of Debian's 6.12 kernel in /boot")
    }
    guard let tree = try Self.tree(headers: "6.12") else { return }
    let (byHeaders, byTypes) = (try TemporaryFolder(), try TemporaryFolder())
    let made = try generate(["--module", "--kernel-tree", tree.path, "--output", byHeaders.path])
    #expect(made.status == 0, "\(made.stderr)")
    let fitted = try generate(["--module", "--kernel", "/boot/\(image)", "--output", byTypes.path])
    #expect(fitted.status == 0, "\(fitted.stderr)")
    let names = try FileManager.default.contentsOfDirectory(atPath: byHeaders.path + "/module")
    #expect(names.contains("ukl_shortcut_tcp.c"))
    for name in names where name.hasSuffix(".c") || name.hasSuffix(".h") {
      let wanted = try byHeaders.text("module/" + name).replacing("ITER_DEST", with: "READ")
        .replacing("ITER_SOURCE", with: "WRITE")
      #expect(try byTypes.text("module/" + name) == wanted, "\(name)")
    }
  }

  @Test func templatesOfTheUserTakeTheirPlace() throws {
    let (templates, folder) = (try TemporaryFolder(), try TemporaryFolder())
    let options = ["--templates", templates.path, "--output", folder.path]
    #expect(try generate(options).stderr.contains("no *.mustache in it"))
    let file = templates.path + "/redef_sym_names.mustache"
    let own = try String(
      contentsOfFile: Fixture.root + "/../../templates/app/redef_sym_names.mustache",
      encoding: .utf8)
    try own.replacing("{{.}}", with: "-{{.}}").write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(try generate(options).status == 0)
    #expect(try folder.text("app/redef_sym_names").contains("-shortcut_tcp_read"))
    try "{{symbol}}\n".write(toFile: file, atomically: true, encoding: .utf8)
    let result = try generate(options)
    #expect(
      result.status == 2 && result.stderr.contains("redef_sym_names: unknown variables"))
  }
}

/// `shortcuts.json` may come from anybody.
@Suite struct GenerateInputTests {
  private func generate(_ json: String) throws -> RunResult {
    let folder = try TemporaryFolder()
    let file = folder.path + "/shortcuts.json"
    try json.write(toFile: file, atomically: true, encoding: .utf8)
    let result = try Program.run(["generate", file, "--output", folder.path + "/out"])
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out") || result.status == 0)
    return result
  }

  @Test(arguments: [
    ("", "not JSON"), ("[1", "not JSON"),
    ("{\"schema\": 2}", "its schema is 2; this program reads 1"),
    ("{}", "no 'schema'"),
    ("{\"schema\": 1, \"recording\": {\"file\": 3}}", "recording.file: not a text"),
  ])
  func whatIsNoAnalysisIsOneLine(json: String, says: String) throws {
    let result = try generate(json)
    #expect(result.status == 2 && result.stderr.hasPrefix("error: "))
    #expect(result.stderr.contains(says), "\(result.stderr)")
    #expect(result.stderr.split(separator: "\n").count == 1)
  }

  /// Each change of a good file that makes it bad, and what is said of it.
  @Test(arguments: [
    ("\"stub\" : \"shortcut_tcp_read\"", "\"stub\" : \"shortcut_tcp_reed\"", "candidates[0].stub"),
    ("\"leaf\" : \"tcp_recvmsg\"", "\"leaf\" : \"x\"", "there is none for 'read' and 'x'"),
    ("\"verdict\" : \"shortcut\"", "\"verdict\" : \"yes\"", "verdict: "),
    ("\"id\" : \"connSocketWrite.write\"", "\"id\" : \"connSocketRead.read\"", "is there twice"),
    ("\"enterUser\" : \"", "\"enterUser\" : \"/*", "is not a C identifier"),
    ("\"samples\" : ", "\"samples\" : -", "a number in it doesn't fit"),
    ("\"share\" : 0.", "\"share\" : 10.", "a share of 10."),
  ])
  func changedFilesAreRefused(old: String, new: String, says: String) throws {
    let folder = try TemporaryFolder()
    let analysis = try Program.run(
      ["analyze", Fixture.recording("redis-ukl"), "--json", "--output", folder.path, "--quiet"])
    let json = analysis.text.split(separator: "\n").map(String.init)
    // Of a share, the one of what the hops save: those below "saves"; else a candidate's, not advice.
    let above = old.contains("share") ? "\"saves\"" : "\"application\""
    let begin = json.firstIndex { $0.contains(above) } ?? 0
    let line = try #require(json[begin...].firstIndex { $0.contains(old) })
    var changed = json
    changed[line] = json[line].replacing(old, with: new)
    let result = try generate(changed.joined(separator: "\n"))
    #expect(result.status == 2, "\(result.stderr)")
    #expect(result.stderr.contains(says), "\(result.stderr)")
  }

  /// Names from the file are comments in C, never more; a function that nobody knows is never skipped.
  @Test func hostileNamesStayInComments() throws {
    let folder = try TemporaryFolder()
    let analysis = try Program.run(
      ["analyze", Fixture.recording("redis-ukl"), "--json", "--output", folder.path, "--quiet"])
    let hostile = "*/ int evil; /*"
    let file = folder.path + "/shortcuts.json"
    let named = analysis.text.replacing("\"connSocketRead\"", with: "\"\(hostile)\"")
    try named.write(toFile: file, atomically: true, encoding: .utf8)
    let result = try Program.run(["generate", file])
    #expect(result.status == 0, "\(result.stderr)")
    let source = try folder.text("kernel/net/ipv4/ukl_shortcut_tcp.c")
    #expect(source.contains("int evil") && !source.contains("*/ int evil"))
    try named.replacing("\"ksys_read\"", with: "\"\(hostile)\"")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let refused = try Program.run(["generate", file, "--select", "connSocketRead.read"])
    #expect(refused.status == 2)
    #expect(refused.stderr.contains("nobody has read what \(hostile) does besides"))
  }
}
