import ArgumentParser
import KernelImage
import Profiler
import ShortcutGen
import SystemPackage

struct OpsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ops",
    abstract: "Print a kernel's operations tables: which function each pointer leads to.",
    discussion: """
      A table is a variable of a structure with pointers to functions: file_operations, proto_ops, \
      inode_operations, and all others that the kernel's own types (BTF) know. Which variable is \
      which is told by what its pointers lead to. Tables that code fills while the kernel runs are \
      marked; of those only what the image shows is printed.

      Example:
        ukl-shortcut ops /boot/vmlinuz --kallsyms kallsyms.gz --struct proto_ops
      """)

  @Argument(help: "vmlinux or bzImage, packed or not.", completion: .file())
  var image: String

  @Option(help: "The same kernel's /proc/kallsyms, plain or gzip-packed.", completion: .file())
  var kallsyms: String?

  @Option(name: .customLong("struct"), help: "Only instances of this structure.")
  var structure: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Look into the image even if its tables are known from an earlier run.")
  var noCache = false

  func run() throws {
    let found = try KernelTables(
      FilePath(image), kallsyms: kallsyms.map { FilePath($0) }, cache: noCache ? nil : .ofUser)
    let shown = found.tables.filter { structure == nil || $0.structure == structure }
    if let structure, shown.isEmpty {
      Diagnostics(isQuiet: false, isVerbose: false)
        .warning("\(image): no instance of a structure '\(structure)' with pointers to functions")
    }
    let bytes = json ? try encodeJSON(shown) : Array(shown.map(\.text).joined().utf8)
    try writeOutput(bytes, to: nil)
  }
}

extension OperationsTable {
  /// The structure, the variable, and a line a member.
  fileprivate var text: String {
    let mark = isFilledAtRunTime ? " (filled at run time)" : ""
    let others = alternatives.isEmpty ? "" : " (or \(alternatives.joined(separator: ", ")))"
    let lines = ["\(structure) \(name)\(mark)\(others)"] + members.map(line)
    return lines.map { printable($0) + "\n" }.joined()
  }

  private func line(_ member: Member) -> String {
    let mark = member.isFilledAtRunTime && !isFilledAtRunTime ? " (set at run time)" : ""
    return "  +\(member.offset) \(member.name) \(member.function)\(mark)"
  }
}
