import Foundation
import KernelImage
import Profiler
import SystemPackage

/// Reads kallsyms and asks for every symbol, by address and by row.
func readKallsyms(_ bytes: [UInt8]) {
  guard let kallsyms = try? Kallsyms(text: bytes, path: "kallsyms") else { return }
  let kernel = KernelSymbols(kallsyms.symbols)
  for row in 0..<kallsyms.symbols.count {
    _ = kernel.function(row)
    guard let found = kernel.row(covering: kernel.start(ofRow: row)) else { continue }
    precondition(kernel.start(ofRow: found) == kernel.start(ofRow: row), "an alias, or itself")
  }
}

/// Reads a binary's symbols and asks for every name.
func readElf(_ bytes: [UInt8]) {
  guard let image = try? ElfImage(path: ScratchFile.shared.holding(bytes)) else { return }
  for row in 0..<image.symbols.count { _ = image.symbols.name(row) }
}

/// Reads the debug file of a program and asks for the functions, also inlined ones, at its code.
func readDebugFile(_ bytes: [UInt8]) {
  let program = FilePath(FuzzTarget.elf.corpus.appending(path: "stripped").path)
  let info = DebugInfo(path: program, debugFolders: [ScratchDebugFolder.shared.holding(bytes)])
  guard info.exists else { return }
  for address in stride(from: UInt64(0x1000), to: 0x1200, by: 5) { _ = info.frames(at: address) }
}

/// Reads a kernel's image as `ops` does: its tables, and the calls of each of its functions.
func readKernel(_ bytes: [UInt8]) {
  guard let image = try? KernelImage(path: ScratchFile.shared.holding(bytes)),
    let symbols = ImageSymbols(of: image)
  else { return }
  let slots = SlotIndex((try? image.operationsTables()) ?? [])
  guard let code = try? KernelCode(image, symbols) else { return }
  for name in code.functionNames.prefix(100) {
    for call in code.calls(from: name) { _ = call.targets.first.map { slots.entries(for: $0) } }
  }
}

/// Reads a module's file for a kernel of a few functions.
func readModule(_ bytes: [UInt8]) {
  let kernel = FilePath(FuzzTarget.kernel.corpus.appending(path: "tables").path)
  let module = ScratchFile.shared.holding(bytes)
  _ = try? KernelTables(kernel, modules: [module], cache: nil).tables
}

/// Reads types and lays out the structures.
func readBTF(_ bytes: [UInt8]) {
  _ = (try? BTF(bytes.span.bytes))?.operationsStructures
}
