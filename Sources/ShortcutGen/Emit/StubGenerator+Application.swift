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
    for kind in kinds {
      calls.append(try call(of: kind, transition, convention))
      if let short = try addresslessCall(of: kind) { calls.append(short) }
    }
    let wrappers = Set(kinds.map(\.wrapper)).sorted().map { "\($0)()" }
    return [
      "wrappers": .text(wrappers.joined(separator: ", ")),
      "setsErrno": .flag(convention == .errno),
      "exitUser": .text(transition.exitUser), "enterUser": .text(transition.enterUser),
      "structures": .lines(CText.structures(in: kinds.map(\.applicationPrototype))),
      "prototypes": .lines(kinds.map(\.applicationPrototype)),
      "calls": .items(calls, as: "call"),
      "fallbacks": .lines(kinds.flatMap(\.fallbacks)),
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

  /// `recv` in terms of `recvfrom`.
  private func addresslessCall(of kind: StubKind) throws(TemplateError) -> String? {
    guard kind.addressless != nil, let short = kind.addresslessName else { return nil }
    return try templates.renderPart(
      "app_addressless",
      [
        "name": .text(short), "whole": .text(kind.name),
        "parameters": .text(kind.addresslessParameters),
        "arguments": .text(kind.addresslessArguments),
      ])
  }
}

extension StubKind {
  /// The names in an application that is built without shortcuts.
  fileprivate var fallbacks: [String] {
    let own = "#define ukl_\(name)(\(arguments)) \(wrapper)(\(arguments))"
    guard let addressless else { return [own] }
    let short = addresslessArguments
    return [own, "#define \(addressless.replacement)(\(short)) \(addressless.name)(\(short))"]
  }

  /// The short form's name behind `ukl_`.
  fileprivate var addresslessName: String? {
    addressless.map { String($0.replacement.dropFirst("ukl_".count)) }
  }

  fileprivate var addresslessArguments: String {
    parameters.dropLast(2).map(\.name).joined(separator: ", ")
  }

  fileprivate var addresslessParameters: String {
    applicationParameters.split(separator: ", ").dropLast(2).joined(separator: ", ")
  }
}
