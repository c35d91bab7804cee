extension StubGenerator {
  /// The same kernel sources as a module that can be loaded into a running kernel and calls the
  /// stubs for whoever asks its device.
  ///
  /// - Parameters:
  ///   - features: what that kernel's headers declare.
  /// - Returns: files below `module/`, sorted by path.
  public func moduleFiles(
    for stubs: [StubRequest], provenance: Provenance,
    features: KernelFeatures = .linux6_1, transition: TransitionNames = .rfc2022
  ) throws -> [GeneratedFile] {
    let stubs = try checked(stubs)
    let origin = origin(stubs, provenance)
    let tree = KernelTree(files: [:], features: features)
    let sources = try newKernelFiles(stubs, provenance, tree, isModule: true)
      .compactMap(\.inModule)
    let device = try device(stubs, origin, transition)
    let code = (sources + [device]).filter { $0.path.hasSuffix(".c") }.map(\.contents)
    let found = FoundSymbol.used(in: code.joined(separator: "\n"), features)
    let files = try [
      kbuild(stubs, origin), device,
      deviceHeader(origin, transition),
      foundHeader(found, origin, features),
      foundSource(found, misfits(stubs, found, features), origin),
      ModuleContents(stubs: stubs.map(\.kind.name), policy: policy).file(),
    ]
    return (files + sources).map { $0.moved(into: "module") }.sorted { $0.path < $1.path }
  }

  private func deviceHeader(
    _ origin: [String: TemplateValue], _ transition: TransitionNames
  ) throws(TemplateError) -> GeneratedFile {
    GeneratedFile(
      path: "ukl_shortcut_ioctl.h",
      contents: try render(
        "module_ioctl", origin,
        ["exitUser": .text(transition.exitUser), "enterUser": .text(transition.enterUser)]))
  }

  private func kbuild(
    _ stubs: [StubRequest], _ origin: [String: TemplateValue]
  ) throws(TemplateError) -> GeneratedFile {
    let objects = StubHelper.all(for: stubs).map(\.object) + StubFamily.all(in: stubs).map(\.object)
    return GeneratedFile(
      path: "Kbuild",
      contents: try render(
        "module_kbuild", origin, ["objects": .text(objects.joined(separator: " \\\n\t"))]))
  }

  private func foundHeader(
    _ found: [FoundSymbol], _ origin: [String: TemplateValue], _ features: KernelFeatures
  ) throws(TemplateError) -> GeneratedFile {
    GeneratedFile(
      path: "ukl_shortcut_found.h",
      contents: try render(
        "module_found_header", origin,
        [
          "includes": .lines(FoundSymbol.includes(features)),
          "declarations": .lines(found.map(\.declaration)),
          "names": .lines(found.map(\.redirection)),
        ]))
  }

  private func foundSource(
    _ found: [FoundSymbol], _ misfits: [String], _ origin: [String: TemplateValue]
  ) throws(TemplateError) -> GeneratedFile {
    GeneratedFile(
      path: "ukl_shortcut_found.c",
      contents: try render(
        "module_found", origin,
        [
          "definitions": .lines(found.map(\.definition)),
          "symbols": .lines(found.map(\.entry)), "hasSlots": .flag(!misfits.isEmpty),
          "slots": .lines(misfits),
        ]))
  }

  /// Statements that set `ret` where a table of the kernel holds another leaf than the stubs call,
  /// which in place the compiler sees.
  private func misfits(
    _ stubs: [StubRequest], _ found: [FoundSymbol], _ features: KernelFeatures
  ) -> [String] {
    let pointers = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.pointer) })
    let slots = stubs.compactMap { stub -> String? in
      // Without guards no stub looks at a table, so none is found.
      guard let table = stub.kind.of.table, let slot = stub.kind.slot, let found = pointers[table]
      else { return nil }
      let leaf = stub.kind.leaf(features)
      return "if (\(found)->\(slot) != \(pointers[leaf] ?? leaf))\n"
        + "\t\tret = misfit(\"\(table).\(slot)\", \"\(leaf)\");"
    }
    return Set(slots).sorted()
  }

  private func device(
    _ stubs: [StubRequest], _ origin: [String: TemplateValue], _ transition: TransitionNames
  ) throws(TemplateError) -> GeneratedFile {
    var calls: [StubCall] = []
    for stub in stubs where !calls.contains(stub.kind.call) { calls.append(stub.kind.call) }
    let functions =
      stubs.map { $0.kind.deviceFunction } + calls.map { $0.deviceFunction }
    return GeneratedFile(
      path: "ukl_shortcut_device.c",
      contents: try render(
        "module_device", origin,
        [
          "exitUser": .text(transition.exitUser), "enterUser": .text(transition.enterUser),
          "functions": .lines(functions),
          "stubs": .lines(
            stubs.map {
              "{ \"\($0.kind.name)\", call_\($0.kind.name), ordinary_\($0.kind.syscall) }"
            }),
        ]))
  }
}

extension StubKind {
  /// Calls the stub with arguments from a device's caller.
  fileprivate var deviceFunction: String {
    call.deviceFunction(named: "call_\(name)", expression: "\(name)(\(arguments))")
  }
}

extension StubCall {
  /// Calls the ordinary body with arguments from a device's caller.
  fileprivate var deviceFunction: String {
    deviceFunction(named: "ordinary_\(name)", expression: ordinary)
  }

  fileprivate func deviceFunction(named name: String, expression: String) -> String {
    let declarations = parameters.enumerated().map { index, parameter in
      let value =
        parameter.kernelType.hasSuffix("*")
        ? "u64_to_user_ptr(arguments[\(index)])" : "arguments[\(index)]"
      return "\t\(CText.declare(parameter.name, as: parameter.kernelType)) = \(value);"
    }
    return """
      static long \(name)(const __u64 *arguments)
      {
      \(declarations.joined(separator: "\n"))

      \treturn \(expression);
      }
      """
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
