extension StubGenerator {
  /// The kernel's side: the series of patches, one for each family, whole and one by one, and the
  /// files that it adds as they will be in the tree.
  ///
  /// - Parameters:
  ///   - tree: the tree that the patch is for; without one it fits the layout of the patch set.
  /// - Returns: files below `kernel/`, sorted by path.
  public func kernelFiles(
    for stubs: [StubRequest], provenance: Provenance,
    tree: KernelTree = .patchSet
  ) throws -> [GeneratedFile] {
    let stubs = try checked(stubs)
    let families = StubFamily.all(in: stubs)
    var patches: [GeneratedFile] = []
    var before = tree.files
    for (index, family) in families.enumerated() {
      let there = stubs.filter { families[...index].contains($0.kind.of) }
      let after = try files(there, provenance, tree)
      let message = try message(
        family, family.members(stubs), provenance, number: index + 1, of: families.count)
      patches.append(
        GeneratedFile(
          path: patchName(index + 1, family),
          contents: message + diffs(from: before, to: after) + "-- \nukl-shortcut\n\n"))
      for file in after { before[file.path] = file.contents }
    }
    let series = GeneratedFile(
      path: "ukl-shortcuts.patch", contents: patches.map(\.contents).joined())
    let added = try newKernelFiles(stubs, provenance, tree)
    return (added + patches + [series]).map { $0.moved(into: "kernel") }
      .sorted { $0.path < $1.path }
  }

  private func patchName(_ number: Int, _ family: StubFamily) -> String {
    let digits = String(number)
    return "series/" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      + "-ukl-add-shortcuts-to-\(family.title.lowercased().map { $0 == " " ? "-" : String($0) }.joined())"
      + ".patch"
  }

  private func diffs(from before: [String: String], to after: [GeneratedFile]) -> String {
    after.sorted { $0.path < $1.path }.map { file in
      UnifiedDiff(path: file.path, old: before[file.path], new: file.contents).text
    }.joined()
  }

  /// Every file of the tree that the series adds or changes, as it is with the series applied.
  ///
  /// - Returns: files by their paths in the tree, sorted.
  public func treeFiles(
    for stubs: [StubRequest], provenance: Provenance, tree: KernelTree
  ) throws -> [GeneratedFile] {
    try files(checked(stubs), provenance, tree).sorted { $0.path < $1.path }
  }

  private func files(
    _ stubs: [StubRequest], _ provenance: Provenance, _ tree: KernelTree
  ) throws -> [GeneratedFile] {
    try newKernelFiles(stubs, provenance, tree) + changedKernelFiles(stubs, tree)
  }

  /// The files of the tree that take the new ones in, as they will be.
  private func changedKernelFiles(
    _ stubs: [StubRequest], _ tree: KernelTree
  ) throws(EmitError) -> [GeneratedFile] {
    let path = StubFamily.sourcingConfiguration
    let line = "source \"\(StubFamily.configuration)\""
    var texts = [path: try tree.text(of: path).appending(section: line)]
    for helper in StubHelper.all(for: stubs) {
      let text = if let text = texts[helper.host] { text } else { try tree.text(of: helper.host) }
      texts[helper.host] = helper.taken(into: text)
    }
    for family in StubFamily.all(in: stubs) {
      let path = family.changedFile
      let text = if let text = texts[path] { text } else { try tree.text(of: path) }
      texts[path] = family.taken(into: text)
    }
    return texts.map { GeneratedFile(path: $0.key, contents: $0.value) }
      .sorted { $0.path < $1.path }
  }

  private func message(
    _ family: StubFamily, _ stubs: [StubRequest], _ provenance: Provenance,
    number: Int, of count: Int
  ) throws(TemplateError) -> String {
    try render(
      "patch_message", origin(stubs, provenance),
      [
        "title": .text(family.title), "number": .text("\(number)"), "count": .text("\(count)"),
        "policy": .lines(policy.sentences), "provenance": .lines(provenance.summary),
        "evidence": evidence(stubs), "names": .lines(stubs.map(\.kind.name)),
      ])
  }
}

extension GeneratedFile {
  /// The same file below a folder.
  public func moved(into folder: String) -> GeneratedFile {
    GeneratedFile(path: "\(folder)/\(path)", contents: contents)
  }
}
