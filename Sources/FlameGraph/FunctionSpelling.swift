import Profiler

/// Which of a function's two names is printed.
public enum FunctionSpelling: Sendable, Hashable {
  /// As the image spells it and perf prints it: `ukl_read`.
  case symbol
  /// As the source spells it: `read`.
  case name

  /// The name of `function` in this spelling, ready for one line of output: see `printable`.
  func text(of function: Function) -> String {
    switch self {
    case .symbol: printable(function.symbol)
    case .name: printable(function.name)
    }
  }
}
