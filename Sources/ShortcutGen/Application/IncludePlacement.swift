/// Where the line `#include "ukl_shortcut.h"` goes.
///
/// Behind the last include at file scope that is above the first use and outside of conditionals,
/// because the header needs the application's declarations; if a header that declares wrappers
/// follows within a conditional (`#ifdef HAVE_UNISTD_H`), behind its `#endif`. Without any include:
/// at the top, behind the comment the file begins with. An include guard isn't a conditional here.
struct IncludePlacement {
  static let header = "ukl_shortcut.h"

  let source: LexedSource
  /// First token of the first function that is changed.
  let firstUse: Int

  /// The bytes to insert and the offset in the file; nil if the file includes the header already.
  var insertion: (offset: Int, bytes: [UInt8])? {
    let above = source.directives.filter { $0.tokenIndex <= firstUse }
    let isThere = above.contains {
      $0.kind == .include
        && source.includedName($0).map { $0.split(separator: "/").last == "ukl_shortcut.h" } == true
    }
    if isThere { return nil }
    let line = Array("#include \"\(Self.header)\"".utf8)
    let offset = anchor(above).map { lineEnd(behind: $0.range.upperBound) } ?? topOfFile
    return (offset, line + lineBreak)
  }

  /// The directive to stand behind.
  private func anchor(_ above: [Directive]) -> Directive? {
    let guardEnd = includeGuard
    let outermost = guardEnd == nil ? 0 : 1
    let nested = includesInBraces
    var (last, isPending): (Directive?, Bool) = (nil, false)
    for directive in above where !nested.contains(directive.range.lowerBound) {
      switch directive.kind {
      case .include where directive.depth == outermost: last = directive
      case .include: isPending = isPending || last == nil || declaresWrappers(directive)
      case .close where directive.depth == outermost && isPending:
        (last, isPending) = (directive, false)
      default: break
      }
    }
    return last ?? guardEnd
  }

  /// Whether this is one of libc's headers that declare what shortcuts replace.
  private func declaresWrappers(_ directive: Directive) -> Bool {
    [
      "unistd.h", "sys/types.h", "sys/socket.h", "sys/uio.h", "sys/epoll.h", "sys/sendfile.h",
    ].contains(source.includedName(directive))
  }

  /// Starts of the includes that stand within braces, `extern "C" {` not counted.
  private var includesInBraces: Set<Int> {
    var found: Set<Int> = []
    var (depth, token) = (0, 0)
    for directive in source.directives where directive.kind == .include {
      while token < directive.tokenIndex {
        if source.isSymbol("{", at: token), source.name(token - 2) != "extern" { depth += 1 }
        if source.isSymbol("}", at: token) { depth = max(0, depth - 1) }
        token += 1
      }
      if depth > 0 { found.insert(directive.range.lowerBound) }
    }
    return found
  }

  /// The `#define` of an include guard: `#ifndef X`, `#define X` before anything else.
  private var includeGuard: Directive? {
    guard source.directives.count > 2, let last = source.directives.last else { return nil }
    let (first, second) = (source.directives[0], source.directives[1])
    let isGuard =
      first.name == "ifndef" && first.tokenIndex == 0 && second.kind == .define
      && second.tokenIndex == 0 && last.kind == .close && last.depth == 0
      && last.tokenIndex == source.tokens.count
    return isGuard && word(first) == word(second) ? second : nil
  }

  private func word(_ directive: Directive) -> [UInt8] {
    Array(
      source.bytes[directive.body..<directive.range.upperBound]
        .drop { CharacterClass.isBlank($0) }.prefix { CharacterClass.isIdentifierPart($0) })
  }

  private func lineEnd(behind offset: Int) -> Int {
    source.bytes[offset...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? source.bytes.count
  }

  /// Behind a byte order mark and the comment that the file begins with.
  private var topOfFile: Int {
    let start = source.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    return LeadingComment(bytes: source.bytes, start: start).end
  }

  /// The line end that the file's first line has.
  private var lineBreak: [UInt8] {
    let newline = source.bytes.firstIndex(of: UInt8(ascii: "\n")) ?? 0
    let isCRLF = newline > 0 && source.bytes[newline - 1] == 0x0d
    return isCRLF ? [0x0d, 0x0a] : [0x0a]
  }
}

/// The comment a file begins with: one `/* … */`, or lines of `//`.
private struct LeadingComment {
  let bytes: [UInt8]
  let start: Int

  /// Where the line behind the comment begins; `start` if there is none on lines of its own.
  var end: Int {
    let first = bytes[start...].firstIndex { !CharacterClass.isBlank($0) && $0 != newline }
    guard let first else { return start }
    if bytes[first...].starts(with: "/*".utf8) { return behindBlock(first) ?? start }
    var line = first
    while line < bytes.count, bytes[line...].starts(with: "//".utf8) { line = nextLine(line) }
    return line == first ? start : line
  }

  private var newline: UInt8 { UInt8(ascii: "\n") }

  private func behindBlock(_ open: Int) -> Int? {
    var close = open + 2
    while close < bytes.count, !bytes[close...].starts(with: "*/".utf8) { close += 1 }
    let behind = min(close + 2, bytes.count)
    let line = nextLine(behind)
    return bytes[behind..<line].allSatisfy { CharacterClass.isBlank($0) || $0 == newline }
      ? line : nil
  }

  private func nextLine(_ offset: Int) -> Int {
    bytes[offset...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.count
  }
}
