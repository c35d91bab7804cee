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

      With --sysroot the tables of the kernel's modules follow: of those that were loaded, if \
      kallsyms name any, else of all there are files of.

      Example:
        ukl-shortcut ops /boot/vmlinuz --kallsyms kallsyms.gz --struct proto_ops
        ukl-shortcut ops vmlinuz --kallsyms kallsyms.gz --sysroot guest --module ext4
      """)

  @Argument(help: "vmlinux or bzImage, packed or not.", completion: .file())
  var image: String

  @Option(help: "The same kernel's /proc/kallsyms, plain or gzip-packed.", completion: .file())
  var kallsyms: String?

  @Option(help: "Folder with the kernel's lib/modules: their tables too.", completion: .directory)
  var sysroot: String?

  @Option(
    help: "Only this module, by name or as a .ko file; may be given again.", completion: .file())
  var module: [String] = []

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
    let diagnostics = Diagnostics(isQuiet: false, isVerbose: false)
    let found = try KernelTables(
      FilePath(image), kallsyms: kallsyms.map { FilePath($0) }, modules: try modules(),
      cache: noCache ? nil : .ofUser)
    for warning in found.warnings { diagnostics.warning(warning) }
    if let function { return try printCalls(of: function, SlotIndex(found.tables)) }
    let shown = found.tables.filter { structure == nil || $0.structure == structure }
    if let structure, shown.isEmpty {
      diagnostics.warning(
        "\(image): no instance of a structure '\(structure)' with pointers to functions")
    }
    let bytes = json ? try encodeJSON(shown) : Array(shown.map(\.text).joined().utf8)
    try writeOutput(bytes, to: nil)
  }

  /// The files of the modules asked for.
  private func modules() throws -> [FilePath] {
    guard sysroot != nil || !module.isEmpty else { return [] }
    let isFile = module.map { $0.contains("/") || ModuleFiles.isModule($0) }
    guard sysroot != nil || isFile.contains(false) else { return module.map { FilePath($0) } }
    let files = try moduleFiles()
    guard module.isEmpty else {
      return try zip(module, isFile).map { module, isFile in
        if isFile { return FilePath(module) }
        guard let path = files.path(module) else {
          throw InputError("\(sysroot ?? "/"): no file of a module '\(module)'")
        }
        return path
      }
    }
    let loaded = try kallsyms.map { try Kallsyms(path: FilePath($0)).modules } ?? []
    return (loaded.isEmpty ? files.names : loaded).compactMap(files.path)
  }

  private func moduleFiles() throws -> ModuleFiles {
    guard let release = KernelImage.release(ofFile: FilePath(image)) else {
      throw InputError("\(image): doesn't say of which release it is; name modules' files")
    }
    return ModuleFiles(SymbolSearch(sysroot: FilePath(sysroot ?? "/")), release: release)
  }

  private func printCalls(of function: String, _ slots: SlotIndex) throws {
    let image = try KernelImage(path: FilePath(image))
    let symbols = try kallsyms.map { try ImageSymbols(kallsyms: FilePath($0), of: image) }
    guard let symbols = symbols ?? ImageSymbols(of: image) else { return }
    let isData = symbols.isData(in: image)
    let modules = try modules().map { try KernelModule(path: $0, isData: isData) }
    let code = try KernelCode(image, symbols, modules: modules)
    let calls = code.calls(from: function).map { PrintedCall($0, slots.slots(of: $0, in: code)) }
    if calls.isEmpty {
      throw InputError("\(self.image): no calls in '\(function)', or no such function")
    }
    let bytes = json ? try encodeJSON(calls) : Array(calls.map(\.text).joined().utf8)
    try writeOutput(bytes, to: nil)
  }
}

extension OperationsTable {
  /// The structure, the variable, and a line a member.
  fileprivate var text: String {
    let mark = isFilledAtRunTime ? " (filled at run time)" : ""
    let others = alternatives.isEmpty ? "" : " (or \(alternatives.joined(separator: ", ")))"
    let place = module.map { " [\($0)]" } ?? ""
    let lines = ["\(structure) \(name)\(place)\(mark)\(others)"] + members.map(line)
    return lines.map { printable($0) + "\n" }.joined()
  }

  private func line(_ member: Member) -> String {
    let mark = member.isFilledAtRunTime && !isFilledAtRunTime ? " (set at run time)" : ""
    return "  +\(member.offset) \(member.name) \(member.function)\(mark)"
  }
}

/// A call as `ops --calls` prints it.
private struct PrintedCall: Encodable {
  let address: String
  let returnAddress: String
  let kind: String
  let tail: Bool
  /// Whether the kernel may replace the instruction when it boots.
  let replaceable: Bool
  /// The function called; null for a call through a pointer.
  let target: String?
  /// Where the pointer was loaded from, in bytes from a structure's start.
  let offset: Int64?
  /// The members of structures that this may be, one where there is no doubt.
  let slots: [String]

  init(_ call: DecodedCall, _ slots: [OperationSlot]) {
    address = "0x" + String(call.address, radix: 16)
    returnAddress = "0x" + String(call.returnAddress, radix: 16)
    (kind, tail, replaceable) = (call.kind.rawValue, call.isTail, call.isReplaceable)
    (target, offset) = (call.targets.first, call.load?.offset)
    self.slots = slots.map(\.description)
  }

  /// One line: where, what, whither, and through which members of tables.
  var text: String {
    let place = "\(address)\(tail ? " tail" : "") \(kind)"
    let through = offset.map { " through a pointer at +\($0)" } ?? ""
    let names = slots.isEmpty ? "" : " (\(slots.joined(separator: ", ")))"
    return printable(place + (target.map { " \($0)" } ?? "") + through + names) + "\n"
  }
}
