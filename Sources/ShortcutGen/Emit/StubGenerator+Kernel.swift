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
    let changed = try StubFamily.all.filter { $0.takesPart(in: stubs) }.flatMap {
      try $0.changes(in: tree)
    }
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
    var files = [try header(stubs, provenance)]
    for family in StubFamily.all where family.takesPart(in: stubs) {
      let members = stubs.filter { $0.kind.family == family.name }
      files.append(try source(of: family, members, provenance, tree.features))
      files.append(try configuration(of: family, members, provenance, tree))
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
        "stubs": .items(bodies, as: "stub"),
      ])
    return GeneratedFile(path: family.source, contents: text)
  }

  private func body(
    of stub: StubRequest, _ features: KernelFeatures
  ) throws(TemplateError) -> String {
    let reads = stub.kind.syscall == "read"
    let text = try templates.render(
      stub.kind.template,
      [
        "trunk": .lines(CText.wrapped(stub.trunk.joined(separator: ", "), indent: "")),
        reads ? "iterDestination" : "iterSource":
          .text(reads ? features.iterDestination : features.iterSource),
        "socketLengthTracepoints": .flag(features.socketLengthTracepoints),
        "fanotifyBesideLSM": .flag(features.fanotifyBesideLSM),
        "fdEmpty": .text(features.fdEmpty), "fdFile": .text(features.fdFile),
      ])
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  private func configuration(
    of family: StubFamily, _ stubs: [StubRequest], _ provenance: Provenance, _ tree: KernelTree
  ) throws(TemplateError) -> GeneratedFile {
    let text = try render(
      "kconfig_file", origin(stubs, provenance),
      [
        "definesDeepShortcut": .flag(!tree.definesDeepShortcut),
        "symbol": .text(family.symbol), "title": .text(family.title),
        "names": .lines(stubs.map(\.kind.name)),
      ])
    return GeneratedFile(path: family.configuration, contents: text)
  }

  private func message(
    _ stubs: [StubRequest], _ provenance: Provenance
  ) throws(TemplateError) -> String {
    try render(
      "patch_message", origin(stubs, provenance),
      [
        "provenance": .lines(provenance.lines), "evidence": evidence(stubs),
        "names": .lines(stubs.map(\.kind.name)),
      ])
  }
}

extension StubFamily {
  fileprivate func takesPart(in stubs: [StubRequest]) -> Bool {
    stubs.contains { $0.kind.family == name }
  }

  /// The files of the tree that take the family in, as they will be.
  fileprivate func changes(in tree: KernelTree) throws(EmitError) -> [GeneratedFile] {
    [
      GeneratedFile(
        path: makefile,
        contents: try tree.text(of: makefile).inserting(makefileLine, after: makefileAnchor)),
      GeneratedFile(
        path: sourcingConfiguration,
        contents: try tree.text(of: sourcingConfiguration).appending(section: configurationLine)),
    ]
  }
}

extension GeneratedFile {
  /// The same file below a folder.
  func moved(into folder: String) -> GeneratedFile {
    GeneratedFile(path: "\(folder)/\(path)", contents: contents)
  }
}
