import Foundation
import TestSupport
import Testing

/// `--app-source`: the patch of kvd, whose little libc returns -errno.
@Suite struct ApplicationPatchTests {
  @Test func patchAppliesAndChangesTwoCallSites() throws {
    let (folder, _) = try Self.analyzed()
    let copy = try Self.copyOfSource()
    let patch = folder.path + "/app/app.patch"
    #expect(
      try Program.run("git", ["apply", "--check", patch], in: copy.path).status == 0)
    #expect(try Program.run("git", ["apply", patch], in: copy.path).status == 0)
    let before = try String(contentsOfFile: Fixture.source("kvd") + "/kvd.c", encoding: .utf8)
    let expected =
      before
      .replacing(
        "#include \"mini.h\"\n", with: "#include \"mini.h\"\n#include \"ukl_shortcut.h\"\n"
      )
      .replacing(
        "{ long r=read(c->fd,c->rbuf", with: "{ long r=ukl_shortcut_tcp_read(c->fd,c->rbuf"
      )
      .replacing(
        "{ long r=write(c->fd,c->wbuf", with: "{ long r=ukl_shortcut_tcp_write(c->fd,c->wbuf")
    #expect(try copy.text("kvd.c") == expected)
    #expect(
      try copy.text("libc.c")
        == String(contentsOfFile: Fixture.source("kvd") + "/libc.c", encoding: .utf8))
  }

  @Test(arguments: [[], ["-DUKL_SHORTCUT"]], [false, true])
  func sourceCompiles(flags: [String], isPatched: Bool) throws {
    let (folder, _) = try Self.analyzed()
    let copy = try Self.copyOfSource()
    if isPatched {
      let patch = folder.path + "/app/app.patch"
      #expect(try Program.run("git", ["apply", patch], in: copy.path).status == 0)
    }
    let compiled = try Program.run(
      "gcc",
      ["-c", "-Wall", "-I", folder.path + "/app", "kvd.c", "-o", "kvd.o"] + flags, in: copy.path)
    #expect(compiled.status == 0, "\(compiled.stderr)")
    let symbols = try Program.run("nm", ["-u", "kvd.o"], in: copy.path).text
    let callsStub = isPatched && !flags.isEmpty
    #expect(symbols.contains("shortcut_tcp_read") == callsStub)
    #expect(symbols.contains("enter_ukl_kernel") == callsStub)
    #expect(symbols.contains("U read\n"))
  }

  /// The recording's kernel has the RFC's pair; the names come from its symbols.
  @Test func redefinesTheRecordedKernelsModeSwitches() throws {
    let (folder, _) = try Self.analyzed()
    #expect(
      try folder.text("app/redef_sym_names") == """
        ukl_enter_ukl_kernel enter_ukl_kernel
        ukl_enter_ukl_user enter_ukl_user
        ukl_shortcut_tcp_read shortcut_tcp_read
        ukl_shortcut_tcp_write shortcut_tcp_write

        """)
  }

  @Test func namesOfModeSwitchesMayBeGiven() throws {
    let (folder, _) = try Self.analyzed(["--enter-user", "enter_user", "--exit-user", "exit_user"])
    let header = try folder.text("app/ukl_shortcut.h")
    let leave = try #require(header.range(of: "\texit_user();"))
    let call = try #require(header.range(of: "result = shortcut_tcp_read("))
    let enter = try #require(header.range(of: "\tenter_user();"))
    #expect(leave.upperBound < call.lowerBound && call.upperBound < enter.lowerBound)
  }

  @Test func aNameThatIsNoIdentifierIsRefused() throws {
    let result = try Program.run([
      "analyze", Fixture.recording("kvd-ukl"), "--output", try TemporaryFolder().path,
      "--enter-user", "f(); int x",
    ])
    #expect(result.status == 2 && result.stderr.contains("f(); int x"))
  }

  @Test func documentNamesThePlaceInTheSource() throws {
    let (_, json) = try Self.analyzed()
    let read = try #require(try Shortcuts(json).candidate("client_read", "read"))
    let source = try String(contentsOfFile: Fixture.source("kvd") + "/kvd.c", encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("NOI void client_read") })
    #expect(read.site.file == "kvd.c" && read.site.line == line + 1)
  }

  private static func analyzed(_ more: [String] = []) throws -> (TemporaryFolder, json: String) {
    let folder = try TemporaryFolder()
    let result = try Program.run(
      [
        "analyze", Fixture.recording("kvd-ukl"), "--app-source", Fixture.source("kvd"), "--return",
        "negative", "--min-saving", "1", "--json", "--output", folder.path,
      ] + more)
    #expect(result.status == 0, "\(result.stderr)")
    return (folder, result.text)
  }

  private static func copyOfSource() throws -> TemporaryFolder {
    let copy = try TemporaryFolder()
    for name in ["kvd.c", "libc.c", "mini.h"] {
      try FileManager.default.copyItem(
        atPath: Fixture.source("kvd") + "/" + name, toPath: copy.path + "/" + name)
    }
    return copy
  }
}
