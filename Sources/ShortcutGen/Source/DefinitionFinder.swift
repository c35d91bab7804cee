/// Walks a file's tokens once and keeps the functions' bodies.
///
/// Conditionals would unbalance the braces (`#ifdef A`, `f(a) {`, `#else`, `f(b) {`, `#endif`), so
/// every branch starts in the state before its `#if`, and behind the `#endif` the state is that of
/// the first branch which can be compiled.
struct DefinitionFinder {
  /// A function whose closing brace hasn't come yet.
  private struct OpenFunction {
    let head: Range<Int>
    let candidates: [DeclarationHead.Candidate]
    let bodyStart: Int
  }

  private struct State {
    /// Names of the classes, nil for namespaces, around this point.
    var scopes: [String?] = []
    /// Braces open below the scopes: in a function, or in something of no interest.
    var depth = 0
    var parentheses = 0
    var function: OpenFunction?
    /// First token of the current declaration.
    var headStart = 0
    /// Whether a declaration's head goes on behind the braces now open.
    var keepsHead = false
    /// Whether the head is known to be a constructor's with a list of members.
    var isMemberList = false
  }

  private struct Conditional {
    /// The state before the `#if`, and the number of tokens there.
    let before: Snapshot
    /// The state behind the first branch that can be compiled.
    var result: Snapshot?
    var isDead: Bool
  }

  private struct Snapshot {
    let state: State
    let token: Int

    /// The state where the text goes on at another token. A head that had begun keeps what lies
    /// between, so that it holds the names of all branches; one that hadn't begins there.
    func resumed(at next: Int) -> State {
      var state = self.state
      if state.headStart == token { state.headStart = next }
      return state
    }
  }

  /// Deeper nesting of namespaces and classes is skipped, not followed.
  private static let maximumScopes = 64

  private let source: LexedSource
  private var state = State()
  private var conditionals: [Conditional] = []
  private var found: [FunctionDefinition] = []

  init(_ source: LexedSource) { self.source = source }

  mutating func run() -> [FunctionDefinition] {
    var next = 0
    for index in source.tokens.indices {
      while next < source.directives.count, source.directives[next].tokenIndex <= index {
        conditional(source.directives[next])
        next += 1
      }
      if source.tokens[index].kind == .symbol { symbol(at: index) }
    }
    return inOrder()
  }

  /// By place; where branches of a conditional close the same body, the longer one counts.
  private func inOrder() -> [FunctionDefinition] {
    var longest: [Int: FunctionDefinition] = [:]
    for definition in found {
      let start = definition.body.lowerBound
      if let known = longest[start], known.body.count >= definition.body.count { continue }
      longest[start] = definition
    }
    return longest.values.sorted { $0.body.lowerBound < $1.body.lowerBound }
  }

  private mutating func conditional(_ directive: Directive) {
    let here = Snapshot(state: state, token: directive.tokenIndex)
    switch directive.kind {
    case .open:
      conditionals.append(Conditional(before: here, isDead: directive.beginsDeadBranch))
    case .alternative:
      guard var conditional = conditionals.popLast() else { return }
      if !conditional.isDead, conditional.result == nil { conditional.result = here }
      conditional.isDead = directive.beginsDeadBranch
      state = conditional.before.resumed(at: here.token)
      conditionals.append(conditional)
    case .close:
      guard let conditional = conditionals.popLast() else { return }
      let last = conditional.isDead ? conditional.before : here
      state = (conditional.result ?? last).resumed(at: here.token)
    case .define, .include, .other: break
    }
  }

  private mutating func symbol(at index: Int) {
    if source.isSymbol("{", at: index) {
      open(index)
    } else if source.isSymbol("}", at: index) {
      close(index)
    } else if state.depth == 0 {
      if source.isSymbol("(", at: index) { state.parentheses += 1 }
      if source.isSymbol(")", at: index) { state.parentheses = max(0, state.parentheses - 1) }
      if source.isSymbol(";", at: index), state.parentheses == 0 { endDeclaration(index) }
    }
  }

  private mutating func endDeclaration(_ index: Int) {
    let head = DeclarationHead(source: source, range: state.headStart..<(index + 1))
    if !head.isOldStyle { beginHead(at: index + 1) }
  }

  private mutating func beginHead(at index: Int) {
    state.headStart = index
    state.isMemberList = false
  }

  private mutating func open(_ index: Int) {
    guard state.depth == 0 else {
      state.depth += 1
      return
    }
    let head = DeclarationHead(source: source, range: state.headStart..<index)
    state.keepsHead = false
    switch meaning(of: head) {
    case .function(let candidates):
      state.function = OpenFunction(
        head: head.range, candidates: candidates, bodyStart: index + 1)
    case .declarations(let scope) where state.scopes.count < Self.maximumScopes:
      state.scopes.append(scope)
      beginHead(at: index + 1)
      return
    case .memberInitializer:
      state.keepsHead = true
      state.isMemberList = state.parentheses == 0
    case .declarations, .other: break
    }
    state.depth = 1
  }

  /// Braces within parentheses, and those of a list's next member, need no look at the head.
  private func meaning(of head: DeclarationHead) -> DeclarationHead.Meaning {
    let isKnown = state.parentheses > 0 || (state.isMemberList && head.endsLikeMember)
    return isKnown ? .memberInitializer : head.meaning
  }

  private mutating func close(_ index: Int) {
    guard state.depth > 0 else {
      _ = state.scopes.popLast()
      beginHead(at: index + 1)
      state.parentheses = 0
      return
    }
    state.depth -= 1
    guard state.depth == 0 else { return }
    if let function = state.function { found.append(definition(function, end: index)) }
    state.function = nil
    if !state.keepsHead { beginHead(at: index + 1) }
  }

  private func definition(_ function: OpenFunction, end: Int) -> FunctionDefinition {
    let names = function.candidates.map { source.text($0.name) }
    let own = names.firstIndex { $0.contains(where: \.isLowercase) } ?? 0
    let nameToken = function.candidates[own].name
    return FunctionDefinition(
      names: names, name: names[own],
      qualifier: state.scopes.compactMap { $0 } + qualifier(before: nameToken, in: function.head),
      nameToken: nameToken, head: function.head, body: function.bodyStart..<end,
      isStatic: (function.head.lowerBound..<nameToken).contains { source.name($0) == "static" })
  }

  /// The `A::B` of `A::B::name`.
  private func qualifier(before name: Int, in head: Range<Int>) -> [String] {
    var parts: [String] = []
    var index = name
    while index - 2 >= head.lowerBound, source.isKind(.scope, at: index - 1),
      let part = source.name(index - 2)
    {
      parts.append(part)
      index -= 2
    }
    return parts.reversed()
  }
}
