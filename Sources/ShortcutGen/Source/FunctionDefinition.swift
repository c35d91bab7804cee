/// A function's definition in one file.
struct FunctionDefinition: Sendable {
  /// Every identifier of the head that a parameter list follows. More than one where macros with
  /// arguments stand around the name; the function's own name is always among them.
  let names: [String]
  /// The name to show: the first of `names` that isn't written like a macro.
  let name: String
  /// Classes around the definition or before its name, outermost first; empty in C.
  let qualifier: [String]
  /// Token index of the name.
  let nameToken: Int
  /// Tokens before the opening brace.
  let head: Range<Int>
  /// Tokens between the braces.
  let body: Range<Int>
  /// Whether `static` stands before the name.
  let isStatic: Bool
}

extension LexedSource {
  /// All function definitions at file scope, in namespaces and in classes, in order.
  func definitions() -> [FunctionDefinition] {
    var finder = DefinitionFinder(self)
    return finder.run()
  }
}
