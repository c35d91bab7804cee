import FlameGraph
import Profiler
import Testing

/// Runs the picture's script in a real browser; skipped where there is none.
///
/// 1000 samples on 980 pixels; children are sorted by name, so `ukl_read` (300) lies behind
/// `ukl_parse` (390) and before `ukl_write` (300).
@Suite(.serialized) struct BrowserTests {
  private let server = tree(
    "UKL;ukl_main;ukl_serve;ukl_read;ukl_entry_SYSCALL_64;ksys_read;tcp_recvmsg 200",
    "UKL;ukl_main;ukl_serve;ukl_read;ukl_entry_SYSCALL_64;ksys_read;tcp_recvmsg;tcp_ack 100",
    "UKL;ukl_main;ukl_serve;ukl_write;ukl_entry_SYSCALL_64;ksys_write;tcp_sendmsg 300",
    "UKL;ukl_main;ukl_serve;ukl_parse 390", "UKL;ukl_main;ukl_serve 9", "idle;schedule 1")

  private func page(_ fragment: String = "", arrows: [FlameArrow] = []) -> BrowserPage {
    var options = FlameOptions()
    options.width = 1000
    options.arrows = arrows
    return BrowserPage(svg: FlameGraph(server, options: options).svg(), fragment: fragment)
  }

  private func expect(
    _ page: BrowserPage, _ steps: String, says expected: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    guard let said = try page.said(by: steps) else { return }
    #expect(said == expected, sourceLocation: location)
  }

  @Test func clickZoomsAndResetReturns() throws {
    let steps = """
      say(box("ukl_read"), gone(frame("ukl_write")), gone(one(".reset")));
      click(frame("ukl_read"));
      say(box("ukl_read"), box("tcp_ack"), gone(frame("ukl_write")), gone(one(".reset")));
      say(box("UKL"), view.location.hash.split("&").join(" "));
      click(one(".reset"));
      say(box("ukl_read"), gone(frame("ukl_write")), gone(one(".reset")), view.location.hash);
      """
    try expect(
      page(), steps,
      says: """
        392.2+293.5 false true
        10+979.5 10+326.17 true false
        10+979.5 #x=390 d=4
        392.2+293.5 false true
        """ + " ")
  }

  @Test func searchCountsNestedMatchesOnce() throws {
    let steps = """
      type("tcp_(recvmsg|ack)"); say(one(".matched").textContent, matches());
      click(frame("ukl_read")); say(one(".matched").textContent);
      type("TCP"); say(matches().length);
      type("("); say(one(".matched").textContent);
      type(""); say(matches().length, one(".matched").textContent === "");
      """
    try expect(
      page(), steps,
      says: """
        matched: 30.00 % tcp_recvmsg,tcp_ack
        matched: 30.00 %, 100.00 % of the zoomed frame
        0
        not a regular expression
        0 true
        """)
  }

  @Test func addressKeepsZoomAndSearch() throws {
    let steps = #"say(box("ukl_read"), one(".pattern").value, one(".matched").textContent);"#
    try expect(
      page("#x=390&d=4&s=ack"), steps,
      says: "10+979.5 ack matched: 10.00 %, 33.33 % of the zoomed frame")
    let typed = #"click(frame("ukl_read")); type("a+b"); say(view.location.hash.split("&").pop());"#
    try expect(page(), typed, says: "s=a%2Bb")
  }

  @Test func keysMoveZoomSearchAndClear() throws {
    let steps = """
      frame("ukl_serve").focus(); say(one(".details").textContent);
      key(frame("ukl_serve"), "ArrowUp"); say(nameOf(picture.activeElement));
      key(frame("ukl_parse"), "ArrowRight"); say(nameOf(picture.activeElement));
      key(frame("ukl_read"), "Enter"); say(box("ukl_read"));
      key(frame("ukl_read"), "f", true); say(picture.activeElement === one(".pattern"));
      key(one(".pattern"), "Escape"); say(box("UKL"), view.location.hash === "");
      """
    try expect(
      page(), steps,
      says: """
        ukl_serve: 999 samples, 99.90 %
        ukl_parse
        ukl_read
        10+979.5
        true
        10+978.52 true
        """)
  }

  @Test func infoLineAndTooltipKnowTheZoomedFrame() throws {
    let steps = """
      click(frame("ukl_read"));
      fire(frame("tcp_ack"), "MouseEvent", { type: "mouseover" });
      say(one(".details").textContent);
      say(frame("tcp_ack").querySelector("title").textContent === one(".details").textContent);
      """
    try expect(
      page(), steps, says: "tcp_ack: 100 samples, 10.00 %, 33.33 % of ukl_read\ntrue")
  }

  @Test func textIsFittedAgainAfterAZoom() throws {
    let steps = """
      const text = () => frame("schedule").querySelector("text")?.textContent;
      say(text() ?? "none"); click(frame("schedule")); say(text()); click(one(".reset")); say(text() === "");
      """
    try expect(page(), steps, says: "none\nschedule\ntrue")
  }

  @Test func arrowsFollowTheZoomHideAndSwitchOff() throws {
    let read = try #require(server.row("UKL", "ukl_main", "ukl_serve", "ukl_read"))
    let write = try #require(server.row("UKL", "ukl_main", "ukl_serve", "ukl_write"))
    let page = page(arrows: [
      FlameArrow(kind: .bypass, fromRow: read, toRow: read + 2, label: "a"),
      FlameArrow(kind: .shortcut, fromRow: read, toRow: read + 3, label: "b"),
      FlameArrow(kind: .shortcut, fromRow: write, toRow: write + 2, label: "c"),
    ])
    let still = ParsedSVG(page.svg).all("path", class: "line").suffix(3)
      .compactMap { $0.attributes["d"] }.joined()
    let steps = """
      say(lines().join("") === "\(still)", lines().length);
      const before = lines();
      click(frame("ukl_read"));
      say(all(".arrow").map((arrow) => gone(arrow)), lines()[0] !== before[0]);
      say(gone(one(".arrows"))); click(one(".toggle")); say(gone(one(".arrows")));
      """
    try expect(page, steps, says: "true 3\nfalse,false,true true\nfalse\ntrue")
  }

  @Test func hostileNamesDoNothing() throws {
    let functions = hostileNames.map { Function(symbol: $0, name: $0, origin: .kernel) }
    let paths = hostileNames.indices.map { (path: [FunctionID($0)], weight: UInt64(5)) }
    let page = BrowserPage(svg: FlameGraph(tree(of: paths, functions)).svg())
    let steps = """
      let alerts = 0;
      view.alert = () => { alerts += 1; };
      for (const node of all(".frame")) {
        fire(node, "MouseEvent", { type: "mouseover" });
        click(node);
      }
      click(one(".reset")); type("script");
      say(matches().length, all("script").length, alerts);
      """
    try expect(page, steps, says: "2 1 0")
  }
}
