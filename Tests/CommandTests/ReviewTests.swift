import Foundation
import TestSupport
import Testing

/// What a reviewer gets to see of kvd's shortcuts: in shortcuts.json, report.md and report.html.
@Suite struct ReviewTests {
  /// kvd with a comment in front of its read that tries to be markup.
  private static let hostile = "/* </pre><script>alert(1)</script> ``` &amp; */"

  private static let analysed = Result { () throws -> (folder: TemporaryFolder, json: Shortcuts) in
    let folder = try TemporaryFolder()
    let source = folder.path + "/source"
    try FileManager.default.copyItem(atPath: Fixture.source("kvd"), toPath: source)
    let file = URL(filePath: source + "/kvd.c")
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(
      text.replacing("static NOI void client_read", with: hostile + "\nstatic NOI void client_read")
        .utf8
    ).write(to: file)
    let result = try Program.run([
      "analyze", Fixture.recording("kvd-ukl"), "--app-source", source, "--return", "negative",
      "--json", "--output", folder.path,
    ])
    return (folder, try Shortcuts(result.text))
  }

  private func review(_ function: String, _ call: String) throws -> Shortcuts.Review {
    try #require(try Self.analysed.get().json.candidate(function, call)?.review)
  }

  @Test func theCallIsShownWithItsLines() throws {
    let (folder, json) = try Self.analysed.get()
    let lines = try folder.text("source/kvd.c")
      .split(separator: "\n", omittingEmptySubsequences: false)
    let site = try #require(json.candidate("client_read", "read")?.site)
    let shown = try review("client_read", "read").source
    #expect(shown.filter(\.isCall).map(\.number) == [site.line])
    #expect(shown.count == 9 && shown.allSatisfy { lines[$0.number - 1] == $0.text })
    #expect(shown.first(where: \.isCall)?.text.contains("read(c->fd,c->rbuf") == true)
  }

  /// Every frame of the trunk says what it does; what is kept is what the ledger keeps there.
  @Test func framesSayWhatBecomesOfThem() throws {
    let candidate = try #require(try Self.analysed.get().json.candidate("reply_flush", "write"))
    let frames = try review("reply_flush", "write").frames
    #expect(frames.map(\.function) == candidate.trunk.map(\.function))
    let vfs = try #require(frames.first { $0.function == "vfs_write" })
    let kept = candidate.ledger.filter { $0.function == "vfs_write" && $0.status == "kept" }
    #expect(!kept.isEmpty)
    for row in kept {
      #expect(vfs.does.contains(row.effect))
      #expect(vfs.becomes.contains { $0.hasPrefix("kept: ") && $0.contains(row.effect) })
    }
    #expect(vfs.does.contains("calls sock_write_iter through file_operations.write_iter"))
  }

  @Test func guardsAreTheStubsOwn() throws {
    let guards = try review("client_read", "read").guards
    #expect(
      guards.map(\.check) == [
        "the descriptor is a socket", "proto.recvmsg, read once, is tcp_recvmsg()",
      ])
    #expect(
      guards.map(\.otherwise) == [
        "a descriptor that is no socket takes ksys_read(), before anything else was done",
        "a socket whose proto.recvmsg is not tcp_recvmsg() goes on through proto_ops.recvmsg, so "
          + "nothing is done twice",
      ])
  }

  @Test func codeIsWhatWasGenerated() throws {
    let (folder, _) = try Self.analysed.get()
    let review = try review("client_read", "read")
    let stub = try #require(review.stub)
    let file = try folder.text(stub.file)
    #expect(
      stub.text.hasSuffix("\n}\n") && stub.text.contains("\nssize_t shortcut_tcp_read(int fd,"))
    #expect(!stub.text.contains("\nssize_t shortcut_tcp_write("))
    for line in stub.text.split(separator: "\n") { #expect(file.contains(line)) }
    #expect(review.diff?.text == (try folder.text("app/app.patch")))
  }

  /// What is dropped or excluded is for a person to decide, each effect by name.
  @Test func decisionsComeFromTheLedger() throws {
    let candidate = try #require(try Self.analysed.get().json.candidate("client_read", "read"))
    let decisions = try review("client_read", "read").decisions
    let open = candidate.ledger.filter { $0.status != "kept" }
    #expect(!open.isEmpty)
    for row in open {
      #expect(decisions.contains { $0.contains("\(row.effect) (\(row.function))") })
    }
  }

  @Test func thePageIsSafeAndWhole() throws {
    let (folder, json) = try Self.analysed.get()
    let page = try folder.text("report.html")
    #expect(!page.contains("<script") && page.contains("&lt;/pre&gt;&lt;script&gt;alert(1)"))
    #expect(!page.contains("src=\"http") && page.contains("default-src 'none'"))
    for tag in ["table", "ul", "pre", "details", "p", "h2", "h3", "tr", "td", "mark", "code"] {
      let opened = page.matches(of: try Regex("<\(tag)[ >]")).count
      #expect(opened == page.matches(of: try Regex("</\(tag)>")).count, "\(tag)")
    }
    let shortcuts = json.candidates.filter { $0.verdict == "shortcut" }
    for number in shortcuts.indices {
      #expect(page.contains("<h2 id=\"shortcut-\(number + 1)\">"))
      #expect(page.contains("<a href=\"#shortcut-\(number + 1)\">"))
    }
    #expect(page.contains("<mark>") && page.matches(of: /Reviewed by/).count == shortcuts.count)
    let picture = try #require(page.firstMatch(of: /base64,([A-Za-z0-9+\/=]+)"/)?.output.1)
    #expect(Data(base64Encoded: String(picture)) == Data(try folder.text("flamegraph.svg").utf8))
  }

  /// A source line can't end the block it is shown in.
  @Test func fencesAreLongerThanWhatTheyHold() throws {
    let report = try Self.analysed.get().folder.text("report.md")
    #expect(report.contains("\n````\n") && report.contains(Self.hostile))
  }

  @Test func withoutSourcesTheReportSaysSo() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run([
      "analyze", Fixture.recording("kvd-ukl"), "--json", "--output", folder.path,
    ])
    let review = try #require(try Shortcuts(result.text).candidate("client_read", "read")?.review)
    #expect(review.source.isEmpty && review.diff == nil)
    #expect(review.application == "give --app-source to get app.patch")
    #expect(try folder.text("report.html").contains("sources were not given"))
  }

  @Test(.enabled(if: Place.tool("chromium") != nil, "chromium is not installed"))
  func aBrowserShowsIt() throws {
    let (folder, _) = try Self.analysed.get()
    let result = try Program.run(
      "chromium",
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder.path)/browser",
        "--virtual-time-budget=2000", "--dump-dom", "file://\(folder.path)/report.html",
      ])
    // The browser's own tree: text that tried to be markup is text.
    #expect(result.text.contains("&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(!result.text.contains("<script"))
  }
}
