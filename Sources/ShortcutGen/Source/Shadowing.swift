extension LexedSource {
  /// Token of a parameter or local variable that takes a wrapper's name away, if there is one.
  func shadow(of name: String, in function: FunctionDefinition) -> Int? {
    let parameters = function.head.first {
      $0 != function.nameToken && self.name($0) == name && !isMember(at: $0)
    }
    return parameters
      ?? function.body.first {
        self.name($0) == name && isDeclarator(at: $0, in: function.body)
      }
  }

  /// Token of a variable at file scope, or of a static function, of this name.
  func fileShadow(of name: String, definitions: [FunctionDefinition]) -> Int? {
    if let own = definitions.first(where: { $0.isStatic && $0.names.contains(name) }) {
      return own.nameToken
    }
    var start = 0
    for gap in definitions.map(\.body) + [tokens.count..<tokens.count] {
      let outside = start..<max(start, gap.lowerBound)
      if let found = outside.first(where: {
        self.name($0) == name && isDeclarator(at: $0, in: outside) && isSymbol("(", at: $0 - 2)
      }) {
        return found
      }
      start = gap.upperBound
    }
    return nil
  }

  /// Whether the identifier is what a declaration declares: `int read = 0;`, `ssize_t a, *read;`,
  /// `ssize_t (*read)(int, void *, size_t);`.
  private func isDeclarator(at index: Int, in range: Range<Int>) -> Bool {
    let isPointer =
      isSymbol("*", at: index - 1) && isSymbol("(", at: index - 2) && isSymbol(")", at: index + 1)
      && isSymbol("(", at: index + 2)
    let ends: [Unicode.Scalar] = ["=", ";", ",", "[", ":"]
    guard isPointer || ends.contains(where: { isSymbol($0, at: index + 1) }) else { return false }
    let end = isPointer ? index - 2 : index
    let start = statementStart(before: end, in: range)
    return !isMember(at: index) && startsLikeDeclaration(start, below: end)
      && isOutermost(end, from: start)
  }

  private func statementStart(before index: Int, in range: Range<Int>) -> Int {
    var start = index
    while start > range.lowerBound, index - start < 512 {
      if [";", "{", "}"].contains(where: { isSymbol($0, at: start - 1) }) { break }
      if isSymbol("(", at: start - 1), name(start - 2) == "for" { break }
      start -= 1
    }
    return start
  }

  /// Two words, or a word, `*`s and a word or `(`: what no expression begins with.
  private func startsLikeDeclaration(_ start: Int, below end: Int) -> Bool {
    guard let first = name(start), start < end, !Keyword.precedesExpression(first) else {
      return false
    }
    var index = start + 1
    while index < end, isSymbol("*", at: index) || isSymbol("&", at: index) { index += 1 }
    return index == end || name(index) != nil
  }

  /// Whether no bracket is open at `index`, and the last declarator has no `=` yet.
  private func isOutermost(_ index: Int, from start: Int) -> Bool {
    var (depth, hasValue) = (0, false)
    for token in start..<index {
      if isSymbol("(", at: token) || isSymbol("[", at: token) { depth += 1 }
      if isSymbol(")", at: token) || isSymbol("]", at: token) { depth -= 1 }
      if depth == 0, isSymbol("=", at: token) { hasValue = true }
      if depth == 0, isSymbol(",", at: token) { hasValue = false }
    }
    return depth == 0 && !hasValue
  }
}
