import Foundation
import Testing

@testable import ShortcutGen

/// Editing and escaping that the generator relies on.
@Suite struct StubCTextTests {
  @Test(arguments: [
    ("a*/b", "a* /b"), ("/*/", "/ * /"), ("//", "/ /"), ("a\nb", "a?b"), ("tab\t", "tab?"),
    ("é", "??"), ("\u{7f}", "?"), ("ok.isra.0", "ok.isra.0"),
  ])
  func commentTextIsHarmless(_ text: String, _ expected: String) {
    #expect(CText.comment(text) == expected)
  }

  @Test func longTextIsCut() {
    #expect(CText.comment(String(repeating: "x", count: 50), limit: 10) == "xxxxxxxxxx...")
  }

  @Test func wrappingKeepsEveryWord() {
    #expect(CText.wrapped("aa bb cc dd", width: 5) == ["aa bb", "  cc", "  dd"])
    #expect(CText.wrapped("") == [])
  }

  @Test func lineIsAddedOnceAfterItsAnchor() {
    let text = "obj-$(X) += a.o\nobj-$(Y) += b.o\n"
    let once = text.inserting("new", after: "obj-$(X)")
    #expect(once == "obj-$(X) += a.o\nnew\nobj-$(Y) += b.o\n")
    #expect(once.inserting("new", after: "obj-$(X)") == once)
    #expect("a".inserting("new", after: "none") == "a\nnew\n")
  }

  @Test func sectionIsAddedOnceAtTheEnd() {
    #expect("a\n".appending(section: "new") == "a\n\nnew\n")
    #expect("a\n\nnew\n".appending(section: "new") == "a\n\nnew\n")
  }

  @Test func tagsAreFoundWhateverTheirSigil() {
    let text = "{{% CONTENT_TYPE:TEXT}}{{! no}}{{a}}{{{b}}}{{#c}}{{.}}{{/c}}{{^d}}{{/d}} {{& e }} {"
    #expect(TemplateTags.names(in: text) == ["a", "b", "c", ".", "d", "e"])
  }

  @Test func everyVariableIsDescribedInTheReadme() throws {
    let readme = try String(
      contentsOf: StubTools.repository.appendingPathComponent("templates/README.md"),
      encoding: .utf8)
    for name in Set(TemplateDeclarations.all.values.joined()).sorted() where name != "." {
      #expect(readme.contains("`\(name)`"), "templates/README.md says nothing about \(name)")
    }
  }
}
