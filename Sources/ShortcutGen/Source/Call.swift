/// A call expression `name(arguments)`.
struct Call: Sendable {
  /// Token index of the callee.
  let name: Int
  /// Token index of the closing parenthesis.
  let close: Int
  /// Number of arguments as the language counts them.
  let arguments: Int
  /// Number of arguments if the callee is a macro: there only parentheses protect a comma.
  let macroArguments: Int
  /// Whether a preprocessor directive stands between the parentheses.
  let hasDirective: Bool
}

extension LexedSource {
  /// A call's arguments are looked for in this many tokens.
  private static let maximumCallLength = 4096

  /// Whether the identifier at `index` is called as a plain function: not a member, not qualified
  /// by anything but the global `::`, not a declaration, not just mentioned.
  func isPlainCall(at index: Int, in body: Range<Int>) -> Bool {
    guard isSymbol("(", at: index + 1), !isMember(at: index) else { return false }
    if isKind(.scope, at: index - 1) { return isGlobalScope(at: index - 1) }
    return !isPrototype(at: index, in: body)
  }

  /// Whether `.`, `->` or a qualifier before the identifier makes it somebody's member.
  func isMember(at index: Int) -> Bool {
    if isKind(.arrow, at: index - 1) || isSymbol(".", at: index - 1) { return true }
    return isKind(.scope, at: index - 1) && !isGlobalScope(at: index - 1)
  }

  /// `::` with no name before it; `return ::read(…)` has a keyword there.
  private func isGlobalScope(at scope: Int) -> Bool {
    guard let before = name(scope - 1) else { return !isSymbol(">", at: scope - 1) }
    return Keyword.precedesExpression(before)
  }

  /// Whether only words and `*` lead from the begin of the statement to the identifier, as in
  /// `ssize_t read(int, void *, size_t);`.
  private func isPrototype(at index: Int, in body: Range<Int>) -> Bool {
    var (start, words) = (index, 0)
    while start > body.lowerBound {
      if let word = name(start - 1) {
        if Keyword.precedesExpression(word) { return false }
        words += 1
      } else if !isSymbol("*", at: start - 1) {
        break
      }
      start -= 1
    }
    let isStatement =
      start == body.lowerBound || [";", "{", "}"].contains { isSymbol($0, at: start - 1) }
    return isStatement && words > 0
  }

  /// The calls in a function's body of any of these names, in order.
  func calls(of names: Set<String>, in body: Range<Int>) -> [Call] {
    body.filter { index in
      name(index).map(names.contains) == true && isPlainCall(at: index, in: body)
    }.compactMap { call(at: $0, below: body.upperBound) }
  }

  /// The call whose callee stands at `index`; nil if its parenthesis doesn't close.
  private func call(at index: Int, below end: Int) -> Call? {
    let limit = min(end, index + Self.maximumCallLength)
    guard let close = closing(index + 1, below: limit) else { return nil }
    return Call(
      name: index, close: close,
      arguments: arguments(between: index + 1, and: close, brackets: ["(", "[", "{"]),
      macroArguments: arguments(between: index + 1, and: close, brackets: ["("]),
      hasDirective: directives.contains { (index + 1...close).contains($0.tokenIndex - 1) }
    )
  }

  /// Commas outside of `brackets`, plus one; 0 if there is nothing.
  private func arguments(
    between open: Int, and close: Int, brackets: [Unicode.Scalar]
  ) -> Int {
    guard close > open + 1 else { return 0 }
    var count = 1
    var index = open + 1
    while index < close {
      if brackets.contains(where: { isSymbol($0, at: index) }) {
        index = closing(index, below: close) ?? index
      } else if isSymbol(",", at: index) {
        count += 1
      }
      index += 1
    }
    return count
  }
}

/// Keywords that change what the word behind them is.
enum Keyword {
  /// Behind these a word and a parenthesis are a call, never a declaration.
  static func precedesExpression(_ word: String) -> Bool {
    [
      "return", "else", "do", "case", "goto", "sizeof", "throw", "co_return", "co_await",
      "co_yield", "and", "or", "not", "__extension__",
    ].contains(word)
  }
}
