/// The variables and sections that a Mustache template mentions.
enum TemplateTags {
  /// Names between `{{` and `}}`, without comments and pragmas; sigils are dropped.
  static func names(in template: String) -> Set<String> {
    var names: Set<String> = []
    var rest = template[...]
    while let open = rest.firstRange(of: "{{") {
      rest = rest[open.upperBound...]
      guard let close = rest.firstRange(of: "}}") else { break }
      if let name = name(inside: rest[..<close.lowerBound]) { names.insert(name) }
      rest = rest[close.upperBound...]
    }
    return names
  }

  private static func name(inside tag: Substring) -> String? {
    guard let first = tag.first, first != "!", first != "%" else { return nil }
    return String(tag.drop { "#/^{&".contains($0) }.filter { !$0.isWhitespace })
  }
}
