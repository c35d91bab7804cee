extension StubGenerator {
  /// Header, sources and configuration, by their paths in the kernel tree.
  func newKernelFiles(
    _ stubs: [StubRequest], _ provenance: Provenance, _ tree: KernelTree,
    isModule: Bool = false
  ) throws(TemplateError) -> [GeneratedFile] {
    var files = [
      try header(stubs, provenance), try configuration(stubs, provenance, tree),
    ]
    for helper in StubHelper.all(for: stubs) {
      files.append(try source(of: helper, stubs, provenance, isModule))
    }
    for family in StubFamily.all(in: stubs) {
      let context = StubContext(
        family: family, features: tree.features, policy: policy, isModule: isModule)
      files.append(try source(context, family.members(stubs), stubs, provenance))
    }
    return files
  }

  private func header(
    _ stubs: [StubRequest], _ provenance: Provenance
  ) throws(TemplateError) -> GeneratedFile {
    let helpers = StubHelper.all(for: stubs).flatMap(\.prototypes)
    let prototypes = stubs.map(\.kind.kernelPrototype)
    let text = try render(
      "shortcut_header", origin(stubs, provenance),
      [
        "structures": .lines(CText.structures(in: prototypes + helpers)),
        "prototypes": .lines(prototypes), "hasHelpers": .flag(!helpers.isEmpty),
        "helpers": .lines(helpers),
      ])
    return GeneratedFile(path: StubFamily.header, contents: text)
  }

  private func source(
    of helper: StubHelper, _ stubs: [StubRequest], _ provenance: Provenance,
    _ isModule: Bool
  ) throws(TemplateError) -> GeneratedFile {
    let includes = helper.includes + (isModule ? ["\"ukl_shortcut_found.h\""] : [])
    let text = try render(
      helper.template, origin(stubs, provenance),
      ["host": .text(helper.host), "includes": .lines(includes)])
    return GeneratedFile(path: helper.source, contents: text)
  }

  private func source(
    _ context: StubContext, _ members: [StubRequest], _ all: [StubRequest],
    _ provenance: Provenance
  ) throws(TemplateError) -> GeneratedFile {
    let family = context.family
    let calls = members.map(\.kind.call)
    var parts: [String] = []
    for part in family.parts(for: calls, context.policy) {
      parts.append(try templates.renderPart(part, choosingFrom: context.values(part: part)))
    }
    var bodies: [String] = []
    for stub in members {
      bodies.append(
        try templates.renderPart(stub.kind.template, choosingFrom: context.values(of: stub)))
    }
    let text = try render(
      "family_file", origin(all, provenance),
      [
        "title": .text(family.title),
        "host": .lines(context.isModule ? [] : family.host.map { [$0] } ?? []),
        "policy": .lines(context.policy.sentences), "provenance": .lines(provenance.lines),
        "evidence": evidence(members), "facts": .lines(family.facts),
        "includes": .lines(
          family.includes(context.features, context.policy, isModule: context.isModule)),
        "assumptions": .lines(context.assumptions(parts + bodies)),
        "parts": .items(parts, as: "part"), "stubs": .items(bodies, as: "stub"),
      ])
    return GeneratedFile(path: family.source, contents: text)
  }

  private func configuration(
    _ stubs: [StubRequest], _ provenance: Provenance, _ tree: KernelTree
  ) throws(TemplateError) -> GeneratedFile {
    var entries: [String] = []
    for family in StubFamily.all(in: stubs) { entries.append(try entry(of: family, stubs)) }
    let text = try render(
      "kconfig_file", origin(stubs, provenance),
      [
        "definesDeepShortcut": .flag(!tree.definesDeepShortcut),
        "entries": .items(entries, as: "entry"),
      ])
    return GeneratedFile(path: StubFamily.configuration, contents: text)
  }

  private func entry(
    of family: StubFamily, _ stubs: [StubRequest]
  ) throws(TemplateError) -> String {
    try templates.renderPart(
      "kconfig_entry",
      [
        "symbol": .text(family.symbol), "title": .text(family.title),
        "depends": .text(family.depends), "guards": .flag(policy.guards),
        "names": .lines(family.members(stubs).map(\.kind.name)),
      ])
  }
}

extension CText {
  /// Declarations of the structures that prototypes point to, sorted.
  static func structures(in prototypes: [String]) -> [String] {
    var names: Set<String> = []
    for prototype in prototypes {
      let words = prototype.split { " \t\n(),;*".contains($0) }
      for (word, name) in zip(words, words.dropFirst()) where word == "struct" {
        names.insert("struct \(name)")
      }
    }
    return names.sorted()
  }
}
