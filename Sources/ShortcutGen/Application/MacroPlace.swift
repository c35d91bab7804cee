/// A macro and where a function uses it.
struct MacroUse {
  let macro: Macro
  let location: SourceLocation
}

/// A callee that stands in a macro's replacement.
struct MacroCall {
  let file: ParsedFile
  let directive: Directive
  /// The callee's bytes.
  let range: Range<Int>
}

extension Found {
  /// The uses of macros in the function's body, in order.
  func uses(of macros: [String: Macro]) -> [MacroUse] {
    definition.body.compactMap { token in
      guard let macro = file.source.name(token).flatMap({ macros[$0] }) else { return nil }
      return MacroUse(macro: macro, location: file.source.location(ofToken: token))
    }
  }
}

/// Finds the call of a wrapper in the replacement of a macro.
///
/// A change there concerns every use, so each must stand in a function with a site of the same
/// shortcut; and the macro must have one definition with one such call.
struct MacroPlace {
  let resolver: SiteResolver
  let found: Found
  let use: MacroUse

  func place() throws(Refusal) -> CallPlace {
    let refusal = MissingCall.refusal(macro: use.macro, at: use.location, site: resolver.site)
    guard isTheOnlyDefinition, let file = resolver.index.file(use.macro.location.file),
      isUsedBySitesOnly
    else { throw refusal }
    let tokens = MacroTokens(use.macro, in: file.source)
    let callees = tokens.callees(resolver.site.wrapperNames)
    guard let callee = callees.first, callees.count == 1,
      let call = tokens.call(at: callee)
    else { throw refusal }
    let name = tokens.texts[callee]
    let spelling = resolver.site.spelling(of: name, arguments: call.arguments)
    return CallPlace(
      found: found, call: call, isReplaced: false,
      replacement: (spelling ?? resolver.site.spellings.first)?.replacement ?? name,
      macro: MacroCall(
        file: file, directive: use.macro.directive, range: tokens.ranges[callee]))
  }

  private var isTheOnlyDefinition: Bool {
    resolver.index.visible(from: found.file.path).flatMap { $0.source.macros() }
      .count { $0.name == use.macro.name } == 1
  }

  private var isUsedBySitesOnly: Bool {
    resolver.index.paths(naming: use.macro.name).compactMap(resolver.index.file).allSatisfy {
      file in
      let sites = file.definitions.filter(resolver.isShared)
      let isInMacro = file.source.macros().contains { $0.body.contains(use.macro.name) }
      return !isInMacro
        && file.source.tokens.indices.allSatisfy { token in
          file.source.name(token) != use.macro.name
            || sites.contains { $0.body.contains(token) }
        }
    }
  }
}

/// The tokens of a `#define`, name and parameters included.
private struct MacroTokens {
  let texts: [String]
  let ranges: [Range<Int>]

  init(_ macro: Macro, in source: LexedSource) {
    let define = macro.directive
    let lexer = Lexer(source.bytes, in: define.body..<define.range.upperBound)
    ranges = lexer.tokens.map(\.range)
    texts = ranges.map { String(decoding: source.bytes[$0], as: UTF8.self) }
  }

  /// Where one of these is called as a plain function.
  func callees(_ names: Set<String>) -> [Int] {
    texts.indices.filter { index in
      index > 0 && index + 1 < texts.count && names.contains(texts[index])
        && texts[index + 1] == "(" && ![".", "->", "::"].contains(texts[index - 1])
    }
  }

  /// The call whose callee stands at an index; nil if its parenthesis doesn't close.
  func call(at callee: Int) -> Call? {
    var (depth, parentheses, arguments, macroArguments) = (0, 0, 1, 1)
    for index in (callee + 1)..<texts.count {
      switch texts[index] {
      case "(": (depth, parentheses) = (depth + 1, parentheses + 1)
      case "[", "{": depth += 1
      case "]", "}": depth -= 1
      case ")": (depth, parentheses) = (depth - 1, parentheses - 1)
      case ",":
        if depth == 1 { arguments += 1 }
        if parentheses == 1 { macroArguments += 1 }
      default: break
      }
      if depth == 0 {
        let isEmpty = index == callee + 2
        return Call(
          name: 0, close: 0, arguments: isEmpty ? 0 : arguments,
          macroArguments: isEmpty ? 0 : macroArguments, hasDirective: false)
      }
    }
    return nil
  }
}
