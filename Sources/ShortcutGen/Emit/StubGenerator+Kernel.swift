extension StubGenerator {
  /// The kernel's side: the patch, and the files that it adds as they will be in the tree.
  ///
  /// - Parameters:
  ///   - tree: the tree that the patch is for; without one it fits the layout of the patch set.
  /// - Returns: files below `kernel/`, sorted by path.
  public func kernelFiles(
    for stubs: [StubRequest], provenance: Provenance, tree: KernelTree = .patchSet
  ) throws -> [GeneratedFile] {
    let stubs = try checked(stubs)
    let added = try newKernelFiles(stubs, provenance, tree)
    let changed = try changedKernelFiles(stubs, tree)
    let diffs = (added + changed).sorted { $0.path < $1.path }.map { file in
      UnifiedDiff(path: file.path, old: tree.files[file.path], new: file.contents).text
    }
    let message = try message(stubs, provenance)
    let patch = GeneratedFile(path: "ukl-shortcuts.patch", contents: message + diffs.joined())
    return (added + [patch]).map { $0.moved(into: "kernel") }.sorted { $0.path < $1.path }
  }

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

  /// The files of the tree that take the new ones in, as they will be.
  private func changedKernelFiles(
    _ stubs: [StubRequest], _ tree: KernelTree
  ) throws(EmitError) -> [GeneratedFile] {
    let path = StubFamily.sourcingConfiguration
    let line = "source \"\(StubFamily.configuration)\""
    var files = [
      GeneratedFile(path: path, contents: try tree.text(of: path).appending(section: line))
    ]
    for family in StubFamily.all(in: stubs) {
      let text = try tree.text(of: family.makefile)
        .inserting(family.makefileLine, after: family.makefileAnchor)
      files.append(GeneratedFile(path: family.makefile, contents: text))
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
    let reads = stub.kind.syscall == "read"
    return try templates.renderPart(
      stub.kind.template,
      [
        "trunk": .lines(CText.wrapped(stub.trunk.joined(separator: ", "), indent: "")),
        reads ? "iterDestination" : "iterSource":
          .text(reads ? features.iterDestination : features.iterSource),
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

  private func message(
    _ stubs: [StubRequest], _ provenance: Provenance
  ) throws(TemplateError) -> String {
    try render(
      "patch_message", origin(stubs, provenance),
      [
        "provenance": .lines(provenance.summary), "evidence": evidence(stubs),
        "names": .lines(stubs.map(\.kind.name)),
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

extension GeneratedFile {
  /// The same file below a folder.
  func moved(into folder: String) -> GeneratedFile {
    GeneratedFile(path: "\(folder)/\(path)", contents: contents)
  }
}
