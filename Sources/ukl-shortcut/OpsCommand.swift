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

  @Option(
    name: .customLong("calls"),
    help: "In place of tables, print every call that this function's code makes.")
  var function: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Look into the image even if its tables are known from an earlier run.")
  var noCache = false

  func run() throws {
    let found = try KernelTables(
      FilePath(image), kallsyms: kallsyms.map { FilePath($0) }, cache: noCache ? nil : .ofUser)
    if let function { return try printCalls(of: function, SlotIndex(found.tables)) }
    let shown = found.tables.filter { structure == nil || $0.structure == structure }
    if let structure, shown.isEmpty {
      Diagnostics(isQuiet: false, isVerbose: false)
        .warning("\(image): no instance of a structure '\(structure)' with pointers to functions")
    }
    let bytes = json ? try encodeJSON(shown) : Array(shown.map(\.text).joined().utf8)
    try writeOutput(bytes, to: nil)
  }

  private func printCalls(of function: String, _ slots: SlotIndex) throws {
    let image = try KernelImage(path: FilePath(image))
    let symbols = try kallsyms.map { try ImageSymbols(kallsyms: FilePath($0), of: image) }
    guard let symbols = symbols ?? ImageSymbols(of: image) else { return }
    let code = try KernelCode(image, symbols)
    let lines = code.calls(from: function).map { $0.text(slots) + "\n" }
    if lines.isEmpty {
      throw InputError("\(self.image): no calls in '\(function)', or no such function")
    }
    try writeOutput(Array(lines.joined().utf8), to: nil)
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

extension DecodedCall {
  /// One line: where, what, whither, and through which members of tables.
  fileprivate func text(_ slots: SlotIndex) -> String {
    let place = "0x\(String(address, radix: 16))\(isTail ? " tail" : "") \(kind.rawValue)"
    let target = targets.first.map { " \($0)" } ?? ""
    let through = load.map { " through a pointer at +\($0.offset)" } ?? ""
    let members = load.map { load in
      targets.flatMap { slots.entries(for: $0, offset: load.offset).map(\.slot.description) }
    }
    let names = Set(members ?? []).sorted().joined(separator: ", ")
    return printable(place + target + through + (names.isEmpty ? "" : " (\(names))"))
  }
}
