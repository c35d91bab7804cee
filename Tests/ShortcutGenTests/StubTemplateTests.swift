import ShortcutGen
import ShortcutTemplates
import Testing

/// Templates are data, checked before use.
@Suite struct StubTemplateTests {
  private var texts: [String: String] {
    EmbeddedTemplates.all.mapValues { String(decoding: $0, as: UTF8.self) }
  }

  @Test func embeddedTemplatesFitTheirDeclarations() throws {
    _ = try TemplateSet.embedded()
  }

  @Test func misspelledVariableIsRefused() {
    var texts = texts
    texts["module_ioctl"] =
      "{{% CONTENT_TYPE:TEXT}}\n{{toolVersion}} {{planIds}}{{#unsafe}}{{.}}{{/unsafe}}\n"
    #expect(
      throws: TemplateError.tags(
        template: "module_ioctl", unknown: ["planIds"],
        unused: ["enterUser", "exitUser", "planIDs"])
    ) { try TemplateSet(texts) }
  }

  @Test func missingAndSurplusTemplatesAreRefused() {
    var fewer = texts
    fewer["tcp_receive"] = nil
    #expect(throws: TemplateError.missing(template: "tcp_receive")) { try TemplateSet(fewer) }
    var more = texts
    more["tcp_receeve"] = ""
    #expect(throws: TemplateError.undeclared(template: "tcp_receeve")) { try TemplateSet(more) }
  }

  @Test func brokenTemplateIsRefused() {
    var texts = texts
    texts["redef_sym_names"] = "{{#symbols}}{{.}}"
    #expect(throws: TemplateError.self) { try TemplateSet(texts) }
  }
}
