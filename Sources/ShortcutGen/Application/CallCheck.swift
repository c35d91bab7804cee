import Profiler

/// Makes sure that a call means the wrapper and that the replacement can take its arguments.
struct CallCheck {
  let place: CallPlace
  let resolver: SiteResolver

  private var site: CallSite { resolver.site }
  private var source: LexedSource { place.found.file.source }
  private var name: String {
    String(decoding: place.file.source.bytes[place.range], as: UTF8.self)
  }

  /// The place itself, if nothing speaks against it.
  func checked() throws(Refusal) -> CallPlace {
    if place.isReplaced { return place }
    try checkMeaning()
    try checkArguments()
    return place
  }

  private func checkMeaning() throws(Refusal) {
    if let token = source.shadow(of: name, in: place.found.definition) {
      throw Refusal(
        "\(name) at \(place.location) is not the wrapper but a variable or parameter, "
          + "declared at \(source.location(ofToken: token))")
    }
    let definitions = place.found.file.definitions
    if let token = source.fileShadow(of: name, definitions: definitions) {
      throw Refusal(
        "\(name) at \(place.location) is not the wrapper but this file's own, "
          + "declared at \(source.location(ofToken: token))")
    }
    if let macro = resolver.wrapperNames(in: place.found.file).redefinition {
      throw Refusal(
        "\(printable(macro.name)), called at \(place.location), is a macro "
          + "(\(macro.location)), which may mean something else than the wrapper")
    }
    let qualifier = place.found.definition.qualifier
    let isGlobal = place.macro == nil && source.isKind(.scope, at: place.call.name - 1)
    if !qualifier.isEmpty, !isGlobal {
      throw Refusal(
        "\(name) at \(place.location) may be a member of "
          + "\(printable(qualifier.joined(separator: "::"))); only ::\(name) is surely the wrapper")
    }
  }

  private func checkArguments() throws(Refusal) {
    let call = place.call
    if call.hasDirective {
      throw Refusal(
        "the arguments of \(name) at \(place.location) hold a preprocessor directive, "
          + "which the replacement, a macro in ordinary builds, can't take")
    }
    guard let spelling = site.spelling(of: name, arguments: call.arguments),
      spelling.arity == call.arguments
    else {
      let wanted = site.spellings.map { "\($0.replacement) takes \($0.arity)" }
      throw Refusal(
        "\(name) at \(place.location) is called with \(call.arguments) arguments where "
          + wanted.joined(separator: " and "))
    }
    if call.macroArguments != spelling.arity {
      throw Refusal(
        "an argument of \(name) at \(place.location) holds a comma within braces, "
          + "which would split it where \(spelling.replacement) is a macro")
    }
  }
}
