extension StubGenerator {
  /// The application's side: the header that wraps the stubs, and the names to map to the kernel.
  ///
  /// - Returns: files below `app/`, sorted by path.
  public func applicationFiles(
    for stubs: [StubRequest], provenance: Provenance, transition: TransitionNames,
    errnoConvention: ErrnoConvention
  ) throws -> [GeneratedFile] {
    let stubs = try checked(stubs)
    let kinds = stubs.map(\.kind)
    let mode = [transition.exitUser, transition.enterUser]
    let symbols = Set(kinds.map(\.name) + mode).sorted()
    return [
      GeneratedFile(
        path: "app/redef_sym_names",
        contents: try templates.render(
          "redef_sym_names", ["symbols": .lines(symbols), "unsafe": policy.marks])),
      GeneratedFile(
        path: "app/ukl_shortcut.h",
        contents: try render(
          "app_header", origin(stubs, provenance),
          headerValues(kinds, transition, errnoConvention))),
    ]
  }

  private func headerValues(
    _ kinds: [StubKind], _ transition: TransitionNames, _ convention: ErrnoConvention
  ) throws(TemplateError) -> [String: TemplateValue] {
    var calls: [String] = []
    for kind in kinds { calls.append(try call(of: kind, transition, convention)) }
    let wrappers = Set(kinds.map(\.wrapper)).sorted().map { "\($0)()" }
    return [
      "wrappers": .text(wrappers.joined(separator: ", ")),
      "setsErrno": .flag(convention == .errno),
      "exitUser": .text(transition.exitUser), "enterUser": .text(transition.enterUser),
      "structures": .lines(CText.structures(in: kinds.map(\.applicationPrototype))),
      "prototypes": .lines(kinds.map(\.applicationPrototype)),
      "calls": .items(calls, as: "call"),
      "fallbacks": .lines(kinds.map(\.fallback)),
    ]
  }

  private func call(
    of kind: StubKind, _ transition: TransitionNames, _ convention: ErrnoConvention
  ) throws(TemplateError) -> String {
    try templates.renderPart(
      "app_call",
      [
        "name": .text(kind.name), "parameters": .text(kind.applicationParameters),
        "arguments": .text(kind.arguments), "wrapper": .text(kind.wrapper),
        "exitUser": .text(transition.exitUser), "enterUser": .text(transition.enterUser),
        "result": .text(convention == .errno ? "ukl_shortcut_result(result)" : "result"),
      ])
  }
}

extension StubKind {
  /// The stub's name in an application that is built without shortcuts.
  fileprivate var fallback: String {
    "#define ukl_\(name)(\(arguments)) \(wrapper)(\(arguments))"
  }
}
