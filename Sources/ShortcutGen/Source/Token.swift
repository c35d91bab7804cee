/// One token of C or C++ text, as a range of bytes.
///
/// `->` and `::` are one token each because a call behind them isn't a call of the wrapper; every
/// other operator is a run of single bytes, which is all that finding calls needs.
struct Token: Sendable {
  enum Kind: UInt8, Sendable { case identifier, number, string, character, arrow, scope, symbol }

  let kind: Kind
  let start: Int32
  let end: Int32

  var range: Range<Int> { Int(start)..<Int(end) }
}

/// A preprocessor directive: one logical line, its continuations and comments included.
struct Directive: Sendable {
  enum Kind: Sendable { case open, alternative, close, define, include, other }

  let kind: Kind
  /// The word behind `#`, such as `ifdef`.
  let name: String
  /// From the `#` up to, and without, the newline that ends it.
  let range: Range<Int>
  /// Where the text behind the name starts.
  let body: Int
  /// Number of tokens before it.
  let tokenIndex: Int
  /// Number of conditionals around it; `#if`, `#else` and `#endif` count as outside their own.
  let depth: Int
  /// For `.open` and `.alternative`: whether the branch it begins is never compiled (`#if 0`).
  let beginsDeadBranch: Bool
}
