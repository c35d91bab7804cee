/// Adding a line to a text once; a text that has the line stays as it is.
extension String {
  /// Puts `line` after the last line that begins with `anchor`, or at the end.
  func inserting(_ line: String, after anchor: String) -> String {
    var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard !lines.contains(line) else { return self }
    guard let place = lines.lastIndex(where: { $0.hasPrefix(anchor) }) else {
      return terminated + line + "\n"
    }
    lines.insert(line, at: place + 1)
    return lines.joined(separator: "\n")
  }

  /// Puts `line` at the end, after an empty line.
  func appending(section line: String) -> String {
    guard !split(separator: "\n").contains(line[...]) else { return self }
    return terminated + "\n" + line + "\n"
  }

  /// Includes `file` at the end if `symbol` is set, after an empty line.
  func including(_ file: String, if symbol: String) -> String {
    let line = "#include \"\(file)\""
    guard !split(separator: "\n").contains(line[...]) else { return self }
    let gap = hasSuffix("\n\n") ? "" : "\n"
    return terminated + "\(gap)#ifdef \(symbol)\n\(line)\n#endif\n"
  }

  private var terminated: String { isEmpty || hasSuffix("\n") ? self : self + "\n" }
}
