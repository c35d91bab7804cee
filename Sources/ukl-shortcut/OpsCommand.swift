import ArgumentParser
import KernelImage
import Profiler
import ShortcutGen
import SystemPackage

struct OpsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ops",
    abstract: "Print a kernel's operations tables: which function each pointer leads to.",
    discussion: "Example:\n  ukl-shortcut ops /boot/vmlinuz --kallsyms kallsyms.gz --struct proto")

  @Argument(help: "vmlinux or bzImage, packed or not.", completion: .file())
  var image: String

  @Option(help: "The same kernel's /proc/kallsyms, plain or gzip-packed.", completion: .file())
  var kallsyms: String?

  @Option(name: .customLong("struct"), help: "Only instances of this structure.")
  var structure: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let image = try KernelImage(path: FilePath(image))
    let symbols = try kallsyms.map { try ImageSymbols(kallsyms: FilePath($0), of: image) }
    let tables = try image.operationsTables(symbols: symbols)
    let shown = tables.filter { structure == nil || $0.structure == structure }
    let text = shown.map(\.text).joined()
    try writeOutput(json ? try encodeJSON(shown) : Array(text.utf8), to: nil)
  }
}

extension OperationsTable {
  /// The structure, the variable, and a line a member.
  fileprivate var text: String {
    let head = "\(structure) \(name)\(isFilledAtRunTime ? " (filled at run time)" : "")\n"
    return head + members.map(line).joined()
  }

  private func line(_ member: Member) -> String {
    let mark = member.isFilledAtRunTime && !isFilledAtRunTime ? " (set at run time)" : ""
    return "  +\(member.offset) \(member.name) \(member.function)\(mark)\n"
  }
}
