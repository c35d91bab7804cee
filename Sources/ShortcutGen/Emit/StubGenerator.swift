/// Turns requests for stubs into files: pure, the same input gives the same bytes.
///
/// The program writes, compares or shows what comes out.
public struct StubGenerator: Sendable {
  let templates: TemplateSet
  /// What the stubs keep.
  let policy: StubPolicy

  /// A generator with the templates that the program carries, or others.
  public init(
    templates: TemplateSet? = nil, policy: StubPolicy = .faithful
  ) throws(TemplateError) {
    self.policy = policy
    if let templates {
      self.templates = templates
    } else {
      self.templates = try .embedded()
    }
  }

  /// The stubs in order of their names, each once, at least one.
  func checked(_ stubs: [StubRequest]) throws(EmitError) -> [StubRequest] {
    guard !stubs.isEmpty else { throw .noStubs }
    let sorted = stubs.sorted { $0.kind.name < $1.kind.name }
    for (first, second) in zip(sorted, sorted.dropFirst()) where first.kind == second.kind {
      throw .duplicateStub(first.kind.name)
    }
    return sorted
  }

  /// The variables that say where a file comes from.
  func origin(_ stubs: [StubRequest], _ provenance: Provenance) -> [String: TemplateValue] {
    let plans = Set(stubs.flatMap(\.planIDs)).sorted().joined(separator: ", ")
    return [
      "toolVersion": .text(CText.comment(provenance.toolVersion)),
      "planIDs": .text(CText.comment(plans, limit: 60)), "unsafe": policy.marks,
    ]
  }

  /// The evidence of all stubs as lines of a comment.
  func evidence(_ stubs: [StubRequest]) -> TemplateValue {
    .lines(stubs.flatMap(\.evidence).flatMap { CText.wrapped($0) })
  }

  /// Renders a template with the origin and more variables.
  func render(
    _ template: String, _ origin: [String: TemplateValue], _ more: [String: TemplateValue]
  ) throws(TemplateError) -> String {
    try templates.render(template, origin.merging(more) { _, new in new })
  }
}
