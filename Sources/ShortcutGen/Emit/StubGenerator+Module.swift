extension StubGenerator {
  /// The same kernel sources as an out-of-tree module, to compile them against installed headers.
  ///
  /// - Parameters:
  ///   - features: what those headers declare.
  /// - Returns: files below `module/`, sorted by path.
  public func moduleFiles(
    for stubs: [StubRequest], provenance: Provenance, features: KernelFeatures = .linux6_1
  ) throws -> [GeneratedFile] {
    let stubs = try checked(stubs)
    let origin = origin(stubs, provenance)
    let tree = KernelTree(files: [:], features: features)
    let objects = StubFamily.all(in: stubs).map(\.object).joined(separator: " ")
    let sources = try newKernelFiles(stubs, provenance, tree).compactMap(\.inModule)
    let files = [
      GeneratedFile(
        path: "Kbuild", contents: try render("module_kbuild", origin, ["objects": .text(objects)])),
      GeneratedFile(
        path: "ukl_shortcut_module.c", contents: try render("module_main", origin, [:])),
    ]
    return (files + sources).map { $0.moved(into: "module") }.sorted { $0.path < $1.path }
  }
}

extension GeneratedFile {
  /// A file of the kernel tree at its place in the module: headers keep their path, sources lie
  /// beside each other, configuration is left out.
  fileprivate var inModule: GeneratedFile? {
    guard let name = path.split(separator: "/").last else { return nil }
    if path.hasPrefix("include/") { return self }
    return name.hasSuffix(".c") ? GeneratedFile(path: String(name), contents: contents) : nil
  }
}
