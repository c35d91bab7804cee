/// A `#define` of one file.
struct Macro: Sendable {
  let name: String
  /// Names of the parameters; nil for a macro without parentheses.
  let parameters: [String]?
  /// The replacement, as the texts of its tokens.
  let body: [String]
  let location: SourceLocation
  /// The `#define` itself.
  let directive: Directive

  /// The function this macro is another name of: `#define X read`, or
  /// `#define X(a, b, c) read(a, b, (c))`, which hands its arguments on unchanged.
  var alias: String? {
    guard let callee = body.first, callee.isCIdentifier else { return nil }
    guard let parameters else { return body.count == 1 ? callee : nil }
    let plain = ["("] + parameters.flatMap { [$0, ","] }.dropLast() + [")"]
    let guarded = ["("] + parameters.flatMap { ["(", $0, ")", ","] }.dropLast() + [")"]
    let rest = Array(body.dropFirst())
    return rest == plain || rest == guarded ? callee : nil
  }

  /// Whether the replacement calls one of these functions.
  func calls(_ names: Set<String>) -> Bool {
    body.indices.contains { index in
      names.contains(body[index]) && index + 1 < body.count && body[index + 1] == "("
        && !(index > 0 && [".", "->"].contains(body[index - 1]))
    }
  }
}

extension LexedSource {
  /// The macros this file defines, in order.
  func macros() -> [Macro] {
    directives.filter { $0.kind == .define }.compactMap(macro)
  }

  private func macro(_ directive: Directive) -> Macro? {
    let lexer = Lexer(bytes, in: directive.body..<directive.range.upperBound)
    let texts = lexer.tokens.map { String(decoding: bytes[$0.range], as: UTF8.self) }
    guard let name = texts.first, let first = lexer.tokens.first else { return nil }
    let isFunction =
      lexer.tokens.count > 1 && texts[1] == "(" && lexer.tokens[1].start == first.end
    let close = isFunction ? texts.firstIndex(of: ")") ?? texts.count - 1 : 0
    return Macro(
      name: name,
      parameters: isFunction ? texts[2..<max(2, close)].filter { $0 != "," } : nil,
      body: Array(texts.dropFirst(close + 1)), location: location(of: Int(first.start)),
      directive: directive)
  }
}
