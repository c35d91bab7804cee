internal import Mustache
internal import ShortcutTemplates

/// The templates of a run, parsed, with every tag checked against the declared variables.
///
/// Mustache renders a variable that nobody fills as nothing. Here that is an error, when the set is
/// made, and so is a declared variable that a template doesn't use.
public struct TemplateSet: Sendable {
  private let templates: [String: MustacheTemplate]

  /// The templates that the program carries, some of them replaced by others.
  public static func embedded(
    replacing others: [String: String] = [:]
  ) throws(TemplateError) -> TemplateSet {
    var texts: [String: String] = [:]
    for (name, bytes) in EmbeddedTemplates.all {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .unreadable(template: name, reason: "not UTF-8")
      }
      texts[name] = text
    }
    return try TemplateSet(texts.merging(others) { _, other in other })
  }

  /// Templates by name: exactly those that are declared.
  public init(_ texts: [String: String]) throws(TemplateError) {
    let declared = TemplateDeclarations.all
    if let name = texts.keys.filter({ declared[$0] == nil }).min() {
      throw .undeclared(template: name)
    }
    var templates: [String: MustacheTemplate] = [:]
    for (name, variables) in declared.sorted(by: { $0.key < $1.key }) {
      guard let text = texts[name] else { throw .missing(template: name) }
      try Self.check(text, of: name, against: variables)
      templates[name] = try Self.parse(text, of: name)
    }
    self.templates = templates
  }

  private static func check(
    _ text: String, of name: String, against variables: Set<String>
  ) throws(TemplateError) {
    let found = TemplateTags.names(in: text)
    guard found != variables else { return }
    throw .tags(
      template: name, unknown: found.subtracting(variables).sorted(),
      unused: variables.subtracting(found).sorted())
  }

  private static func parse(_ text: String, of name: String) throws(TemplateError)
    -> MustacheTemplate
  {
    do {
      return try MustacheTemplate(string: text)
    } catch {
      throw .unreadable(template: name, reason: "\(error)")
    }
  }

  /// Fills a template; `values` must have every declared variable and no other.
  func render(_ name: String, _ values: [String: TemplateValue]) throws(TemplateError) -> String {
    guard let template = templates[name], let declared = TemplateDeclarations.all[name] else {
      throw .missing(template: name)
    }
    let given = values.reduce(into: Set<String>()) { $0.formUnion($1.value.names(under: $1.key)) }
    guard given.union(["."]) == declared.union(["."]) else {
      throw .values(template: name, given: given.sorted(), declared: declared.sorted())
    }
    return template.render(values.mapValues(\.object))
  }
}

extension TemplateSet {
  /// Fills a template whose text goes into another one, where its last line end comes from.
  func renderPart(
    _ name: String, _ values: [String: TemplateValue]
  ) throws(TemplateError) -> String {
    let text = try render(name, values)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}

extension TemplateSet {
  /// Fills a template's variables from more than it has.
  func renderPart(
    _ name: String, choosingFrom values: [String: TemplateValue]
  ) throws(TemplateError) -> String {
    let declared = TemplateDeclarations.all[name] ?? []
    return try renderPart(name, values.filter { declared.contains($0.key) })
  }
}

/// What a variable of a template can be.
enum TemplateValue {
  /// Text as it stands.
  case text(String)
  /// A section that is there or not.
  case flag(Bool)
  /// A section once for each item, which is `{{.}}`.
  case lines([String])
  /// A section once for each item, which is the variable `as`.
  case items([String], as: String)

  /// The variables that it fills, itself included.
  fileprivate func names(under name: String) -> Set<String> {
    if case .items(_, let item) = self { [name, item] } else { [name] }
  }

  fileprivate var object: Any {
    switch self {
    case .text(let text): text
    case .flag(let flag): flag
    case .lines(let lines): lines
    case .items(let items, let name): items.map { [name: $0] }
    }
  }
}
