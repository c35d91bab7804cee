import Profiler

/// Says why a function that is there holds no call of the wrapper.
struct MissingCall {
  let resolver: SiteResolver
  let functions: [Found]

  private var site: CallSite { resolver.site }

  var refusal: Refusal {
    for found in functions {
      if let refusal = macroRefusal(found) { return refusal }
      if let refusal = mentionRefusal(found) { return refusal }
    }
    let labels = functions.map(\.label).joined(separator: ", ")
    let candidates = functions.flatMap { CalledFunctions(resolver: resolver, start: $0).callers() }
    return Refusal("no call of \(site.wrapperLabel) in \(labels); " + advice(candidates))
  }

  static func refusal(macro: Macro, at location: SourceLocation, site: CallSite) -> Refusal {
    Refusal(
      "\(site.baseName) calls \(site.wrapperLabel) at \(location) through the macro "
        + "\(printable(macro.name)) (\(macro.location)), whose other uses a change would concern, too"
    )
  }

  private func advice(_ candidates: [CallPlace]) -> String {
    let start =
      "it may stand in a function called from there that the compiler inlined or made a "
      + "sibling call"
    if candidates.isEmpty { return start + ", but none in this tree holds the only such call" }
    let labels = candidates.map {
      "\(printable($0.found.definition.name)) (\($0.location))"
    }
    return start + ": candidates " + labels.joined(separator: ", ")
  }

  private func macroRefusal(_ found: Found) -> Refusal? {
    found.uses(of: resolver.wrapperNames(in: found.file).hidden).first.map {
      Self.refusal(macro: $0.macro, at: $0.location, site: site)
    }
  }

  /// The wrapper's name is there, but not as a plain call.
  private func mentionRefusal(_ found: Found) -> Refusal? {
    let source = found.file.source
    let names = site.wrapperNames
    let mention = found.definition.body.first {
      source.name($0).map(names.contains) == true && !source.isMember(at: $0)
    }
    guard let mention else { return nil }
    let use = source.isSymbol("(", at: mention + 1) ? "declared" : "only mentioned"
    return Refusal(
      "no call of \(site.wrapperLabel) in \(found.label); the name is \(use) at "
        + "\(source.location(ofToken: mention)), and a call through a pointer can't be replaced")
  }
}
