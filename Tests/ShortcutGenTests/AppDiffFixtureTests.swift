import Foundation
import ShortcutGen
import Testing

/// What the real header does, as far as a compiler sees it.
private let standIn = """
  #ifdef UKL_SHORTCUT
  extern long shortcut_tcp_read(int, void *, unsigned long);
  extern long shortcut_tcp_write(int, const void *, unsigned long);
  static inline long ukl_shortcut_tcp_read(int fd, void *buf, unsigned long n)
  { return shortcut_tcp_read(fd, buf, n); }
  static inline long ukl_shortcut_tcp_write(int fd, const void *buf, unsigned long n)
  { return shortcut_tcp_write(fd, buf, n); }
  #else
  #define ukl_shortcut_tcp_read(fd, buf, n) read(fd, buf, n)
  #define ukl_shortcut_tcp_write(fd, buf, n) write(fd, buf, n)
  #endif

  """

private struct Case: Sendable, CustomTestStringConvertible {
  let name: String
  let sites: [CallSite]
  let numstat: String
  let outcomes: [String]
  /// The lines that git shows as added, cut at 60 bytes.
  let added: [String]
  var testDescription: String { name }

  static let all = [
    Case(
      name: "kvd", sites: [.read(in: "client_read"), .write(in: "reply_flush")],
      numstat: "3\t2\tkvd.c\n", outcomes: ["patched kvd.c:28", "patched kvd.c:21"],
      added: [
        "+#include \"ukl_shortcut.h\"",
        "+static NOI void reply_flush(struct conn*c){ int o=0; while(o",
        "+static NOI void client_read(struct conn*c){ long r=ukl_short",
      ]),
    Case(
      name: "zoo", sites: [.read(in: "page_read.constprop.0"), .write(in: "page_head")],
      numstat: "3\t2\tzoo.c\n", outcomes: ["patched zoo.c:57", "patched zoo.c:56"],
      added: [
        "+#include \"ukl_shortcut.h\"",
        "+static SITE void page_head(int fd){ n[PAGE_HEAD]++; sum+=ukl",
        "+static SITE long page_read(int fd){ n[PAGE_READ]++; long r=u",
      ]),
  ]
}

@Suite struct AppDiffFixtureTests {
  @Test(arguments: Case.all)
  fileprivate func changesOnlyTheSites(_ example: Case) throws {
    let folder = try ScratchFolder(copyOf: example.name)
    let diff = try ApplicationDiff(
      sites: example.sites, in: SourceTree(folder: folder.url.path))
    #expect(diff.outcomes == example.outcomes)
    let added = String(decoding: diff.patch, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("+") && !$0.hasPrefix("+++") }.map { String($0.prefix(61)) }
    #expect(added == example.added)
    try folder.write(diff.patch, to: "app.patch")
    #expect(try folder.run("git", "apply", "--check", "app.patch") == (0, ""))
    #expect(try folder.run("git", "apply", "--numstat", "app.patch") == (0, example.numstat))
    #expect(try folder.run("git", "apply", "app.patch") == (0, ""))
    #expect(try folder.read("\(example.name).c") == diff.diffs.first?.new)
  }

  @Test(arguments: Case.all, [[], ["-DUKL_SHORTCUT"]])
  fileprivate func compilesBeforeAndAfter(_ example: Case, flags: [String]) throws {
    let folder = try ScratchFolder(copyOf: example.name)
    try folder.write(Array(standIn.utf8), to: "ukl_shortcut.h")
    let source = "\(example.name).c"
    let compile =
      "gcc -std=gnu11 -O2 -Wall -Wno-misleading-indentation -fno-builtin -c \(source) -o out.o "
      + flags.joined()
    #expect(try folder.run("sh", "-c", compile) == (0, ""))
    let diff = try ApplicationDiff(
      sites: example.sites, in: SourceTree(folder: folder.url.path))
    try folder.write(diff.patch, to: "app.patch")
    #expect(try folder.run("git", "apply", "app.patch") == (0, ""))
    #expect(try folder.run("sh", "-c", compile) == (0, ""))
    let symbols = try folder.run("nm", "out.o").output
    #expect(symbols.contains("U shortcut_tcp_read") == !flags.isEmpty)
    #expect(symbols.contains("U shortcut_tcp_write") == !flags.isEmpty)
  }

  @Test func aSecondRunFindsEverythingThere() throws {
    let folder = try ScratchFolder(copyOf: "kvd")
    let sites = [CallSite.read(in: "client_read"), .write(in: "reply_flush")]
    let first = try ApplicationDiff(sites: sites, in: SourceTree(folder: folder.url.path))
    try folder.write(first.diffs.first?.new ?? [], to: "kvd.c")
    let second = try ApplicationDiff(sites: sites, in: SourceTree(folder: folder.url.path))
    #expect(second.patch.isEmpty)
    #expect(second.outcomes == ["there kvd.c:29", "there kvd.c:22"])
  }

  @Test func everyFunctionOfTheOneLineSourcesIsFound() throws {
    // As many as `grep -c '){ '` finds definitions at the begin of a line, by hand.
    for (name, function, line) in [("kvd", "ev_poll", 32), ("zoo", "rec_pread", 21)] {
      let tree = try SourceTree(folder: fixture(name).path)
      let site = CallSite(
        function: function, callees: ["epoll_wait", "pread64"], replacement: "x", arity: 4)
      #expect(
        ApplicationDiff(sites: [site], in: tree).outcomes == ["patched \(name).c:\(line)"])
    }
  }
}
