extension StubGenerator {
  /// Header, sources and configuration, by their paths in the kernel tree.
  func newKernelFiles(
    _ stubs: [StubRequest], _ provenance: Provenance, _ tree: KernelTree
  ) throws(TemplateError) -> [GeneratedFile] {
    var files = [try header(stubs, provenance), try configuration(stubs, provenance, tree)]
    for family in StubFamily.all(in: stubs) {
      files.append(try source(of: family, family.members(stubs), provenance, tree.features))
    }
    return files
  }

  private func header(
    _ stubs: [StubRequest], _ provenance: Provenance
  ) throws(TemplateError) -> GeneratedFile {
    let text = try render(
      "shortcut_header", origin(stubs, provenance),
      ["prototypes": .lines(stubs.map(\.kind.kernelPrototype))])
    return GeneratedFile(path: StubFamily.header, contents: text)
  }

  private func source(
    of family: StubFamily, _ stubs: [StubRequest], _ provenance: Provenance,
    _ features: KernelFeatures
  ) throws(TemplateError) -> GeneratedFile {
    var bodies: [String] = []
    for stub in stubs { bodies.append(try body(of: stub, features)) }
    let text = try render(
      family.template, origin(stubs, provenance),
      [
        "provenance": .lines(provenance.lines), "evidence": evidence(stubs),
        "socketLengthTracepoints": .flag(features.socketLengthTracepoints),
        "flowSteeringHeader": .flag(features.flowSteeringHeader),
        "stubs": .items(bodies, as: "stub"),
      ])
    return GeneratedFile(path: family.source, contents: text)
  }

  private func body(
    of stub: StubRequest, _ features: KernelFeatures
  ) throws(TemplateError) -> String {
    try templates.renderPart(
      stub.kind.template,
      [
        "trunk": .lines(stub.trunkLines),
        "iterDirection": .text(features.iterDirection(stub.kind.transfer)),
        "socketLengthTracepoints": .flag(features.socketLengthTracepoints),
        "fanotifyBesideLSM": .flag(features.fanotifyBesideLSM),
        "fdEmpty": .text(features.fdEmpty), "fdFile": .text(features.fdFile),
      ])
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
        "names": .lines(family.members(stubs).map(\.kind.name)),
      ])
  }
}

extension StubFamily {
  /// The families of these stubs.
  static func all(in stubs: [StubRequest]) -> [StubFamily] {
    all.filter { !$0.members(stubs).isEmpty }
  }

  /// Those of the stubs that belong to the family.
  func members(_ stubs: [StubRequest]) -> [StubRequest] {
    stubs.filter { $0.kind.family == name }
  }
}
