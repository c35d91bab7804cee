import Testing

@testable import ShortcutGen

/// Names out of recordings on their way into Markdown.
@Suite struct ReportTests {
  @Test(arguments: [
    ("plain", "`plain`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a|b", "`a¦b`"),
    ("x\ny", "`x\\ny`"), ("\u{1b}[31mred", "`\\u{1b}[31mred`"),
  ])
  func codeSpansHoldAnything(name: String, span: String) {
    #expect(Markdown.code(name) == span)
  }

  @Test func runningTextIsNoMarkup() {
    #expect(Markdown.text("<b>*x*</b> | [a](b)") == #"\<b\>\*x\*\</b\> \| \[a\](b)"#)
  }

  @Test(arguments: [(0.0, "0.00 %"), (0.0586, "5.86 %"), (1, "100.00 %"), (0.00004, "0.00 %")])
  func sharesAsPeopleReadThem(share: Double, text: String) {
    #expect(percent(share) == text)
  }

  @Test func countsAgreeWithTheirNoun() {
    #expect(counted(1, "sample") == "1 sample" && counted(2, "sample") == "2 samples")
  }
}
