import FlameGraph
import Foundation
import Testing

/// An HTML page that opens an SVG in a frame 1000 pixels wide, does what a reader would do, and
/// prints what is then to be seen.
struct BrowserPage {
  let svg: String
  /// The address' fragment, with its `#`.
  var fragment = ""

  /// What `steps` say in a real browser, a line a `say(…)`; `nil` where there is no browser.
  func said(by steps: String) throws -> String? {
    guard let chromium = tool("chromium"), let timeout = tool("timeout") else {
      print("skipped: no chromium")
      return nil
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "flame-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = folder.appending(path: "page.html")
    try svg.write(to: folder.appending(path: "flame.svg"), atomically: true, encoding: .utf8)
    try html(steps).write(to: page, atomically: true, encoding: .utf8)
    let dom = try run(
      timeout,
      [
        "30", chromium, "--headless", "--no-sandbox", "--disable-gpu",
        "--allow-file-access-from-files", "--virtual-time-budget=3000",
        "--user-data-dir=\(folder.path)/profile", "--dump-dom", page.absoluteString,
      ])
    let printed = dom.components(separatedBy: "<pre>").last?.components(separatedBy: "</pre>")
    return printed?.first?.trimmingCharacters(in: .newlines)
  }

  private func html(_ steps: String) -> String {
    """
    <!doctype html><meta charset="utf-8">
    <iframe src="flame.svg\(fragment)" width="1000" height="700" style="border:0"></iframe>
    <pre></pre>
    <script>
    const out = document.querySelector("pre");
    const say = (...words) => { out.textContent += words.join(" ") + "\\n"; };
    let view, picture;
    \(Self.hands)
    document.querySelector("iframe").addEventListener("load", (event) => {
      view = event.target.contentWindow;
      picture = view.document;
      try { \(steps) } catch (error) { say(error.stack); }
    });
    </script>
    """
  }

  /// What a step may use.
  private static let hands = """
    const one = (selector) => picture.querySelector(selector);
    const all = (selector) => [...picture.querySelectorAll(selector)];
    const nameOf = (node) => node.querySelector("title").textContent.split(/\\n|: /)[0];
    const frame = (name) => all(".frame").find((node) => nameOf(node) === name);
    const box = (name) => ["x", "width"].map((side) =>
      Number(frame(name).querySelector("rect").getAttribute(side))).join("+");
    const gone = (node) => view.getComputedStyle(node).display === "none";
    const matches = () => all(".match").map(nameOf);
    const lines = () => all(".arrow .line").map((line) => line.getAttribute("d"));
    const fire = (node, kind, init) => node.dispatchEvent(
      new view[kind](init.type, { bubbles: true, cancelable: true, ...init }));
    const click = (node) => fire(node, "MouseEvent", { type: "click" });
    const key = (node, key, ctrlKey) => fire(node, "KeyboardEvent", { type: "keydown", key, ctrlKey });
    const type = (text) => {
      one(".pattern").value = text;
      fire(one(".pattern"), "InputEvent", { type: "input" });
    };
    """
}
