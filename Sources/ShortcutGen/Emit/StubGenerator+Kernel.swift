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

extension GeneratedFile {
  /// The same file below a folder.
  public func moved(into folder: String) -> GeneratedFile {
    GeneratedFile(path: "\(folder)/\(path)", contents: contents)
  }
}
