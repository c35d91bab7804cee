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
    texts["module_main"] = "{{% CONTENT_TYPE:TEXT}}\n{{toolVersion}} {{planIds}}\n"
    #expect(
      throws: TemplateError.tags(
        template: "module_main", unknown: ["planIds"], unused: ["planIDs"])
    ) { try TemplateSet(texts) }
  }

  @Test func missingAndSurplusTemplatesAreRefused() {
    var fewer = texts
    fewer["tcp_read"] = nil
    #expect(throws: TemplateError.missing(template: "tcp_read")) { try TemplateSet(fewer) }
    var more = texts
    more["tcp_reed"] = ""
    #expect(throws: TemplateError.undeclared(template: "tcp_reed")) { try TemplateSet(more) }
  }

  @Test func brokenTemplateIsRefused() {
    var texts = texts
    texts["redef_sym_names"] = "{{#symbols}}{{.}}"
    #expect(throws: TemplateError.self) { try TemplateSet(texts) }
  }
}
