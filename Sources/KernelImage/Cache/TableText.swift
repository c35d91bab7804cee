/// Operations tables as lines of text, the form in which they are kept:
///
///     T <structure> <name> <address> <size> <evidence> <module> [<alternative> …]
///     M <offset> <member> <function> <image|code>
///
/// Fields are separated by tabs; a table's members follow it. Names are C identifiers, so that no
/// field contains a tab. The kernel's own tables have an empty field for the module.
enum TableText {
  /// The tables as lines.
  static func write(_ tables: [OperationsTable]) -> String {
    var lines: [String] = []
    for table in tables {
      let fields = [
        "T", table.structure, table.name, String(table.address, radix: 16), String(table.size),
        table.evidence.rawValue, table.module ?? "",
      ]
      lines.append((fields + table.alternatives).joined(separator: "\t"))
      for member in table.members {
        let source = member.isFilledAtRunTime ? "code" : "image"
        lines.append("M\t\(member.offset)\t\(member.name)\t\(member.function)\t\(source)")
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The tables of a text, or nil if a line isn't as ``write`` makes it.
  static func read(_ text: Substring) -> [OperationsTable]? {
    var tables: [OperationsTable] = []
    var head: [Substring] = []
    var members: [OperationsTable.Member] = []
    func finish() -> Bool {
      guard !head.isEmpty else { return members.isEmpty }
      guard let table = table(head, members) else { return false }
      tables.append(table)
      members = []
      return true
    }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      if fields[0] == "T" {
        guard finish() else { return nil }
        head = fields
      } else {
        guard let member = member(fields) else { return nil }
        members.append(member)
      }
    }
    return finish() ? tables : nil
  }

  private static func table(
    _ fields: [Substring], _ members: [OperationsTable.Member]
  ) -> OperationsTable? {
    guard fields.count >= 7, let address = UInt64(fields[3], radix: 16), let size = Int(fields[4]),
      let evidence = OperationsTable.Evidence(rawValue: String(fields[5])), size > 0
    else { return nil }
    let table = OperationsTable(
      structure: String(fields[1]), name: String(fields[2]), address: address, size: size,
      members: members, evidence: evidence, alternatives: fields[7...].map(String.init))
    return fields[6].isEmpty ? table : table.inModule(String(fields[6]))
  }

  private static func member(_ fields: [Substring]) -> OperationsTable.Member? {
    guard fields.count == 5, fields[0] == "M", let offset = Int(fields[1]), offset >= 0,
      fields[4] == "code" || fields[4] == "image"
    else { return nil }
    return OperationsTable.Member(
      name: String(fields[2]), offset: offset, function: String(fields[3]),
      isFilledAtRunTime: fields[4] == "code")
  }
}
