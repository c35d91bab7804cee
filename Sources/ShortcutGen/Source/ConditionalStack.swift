/// The conditionals open at a point of a file, as far as constants decide them.
struct ConditionalStack {
  private struct Conditional {
    /// The whole conditional stands in a dead branch.
    let isOutsideDead: Bool
    /// A branch before the current one is always compiled, so no later one is.
    var isDecided: Bool
    var isBranchDead: Bool
  }

  private var open: [Conditional] = []

  /// Number of conditionals around the current line.
  var depth: Int { open.count }

  /// Whether the current line is never compiled.
  var isDead: Bool { open.last.map { $0.isOutsideDead || $0.isBranchDead } ?? false }

  /// Takes one directive and says what it is.
  ///
  /// - Parameter condition: the value of the condition where it is the constant 0 or 1.
  mutating func enter(_ name: String, condition: Bool?) -> Directive.Kind {
    switch name {
    case "if", "ifdef", "ifndef":
      let value = name == "if" ? condition : nil
      open.append(
        Conditional(
          isOutsideDead: isDead, isDecided: value == true, isBranchDead: value == false))
      return .open
    case "elif", "elifdef", "elifndef", "else":
      alternative(name == "else" ? true : name == "elif" ? condition : nil)
      return .alternative
    case "endif":
      _ = open.popLast()
      return .close
    case "define": return .define
    case "include", "include_next", "import": return .include
    default: return .other
    }
  }

  private mutating func alternative(_ value: Bool?) {
    guard var last = open.popLast() else { return }
    last.isBranchDead = last.isDecided || value == false
    last.isDecided = last.isDecided || value == true
    open.append(last)
  }
}
