import KernelImage
import Profiler
import ShortcutGen
import SystemPackage

/// What a kernel's functions call, from its image.
struct ImageCalls: CallWitness {
  let code: KernelCode
  let slots: SlotIndex

  /// Knows what was read already.
  init(_ code: KernelCode, _ slots: SlotIndex) { (self.code, self.slots) = (code, slots) }

  /// Reads an image.
  ///
  /// - Parameter kallsyms: the same kernel's symbols, which a stripped image needs.
  /// - Throws: ``SymbolError`` where it is no kernel's, or has no symbols.
  init(image path: FilePath, kallsyms: FilePath?) throws(SymbolError) {
    let image = try KernelImage(path: path)
    let own = ImageSymbols(of: image)
    guard
      let symbols = try kallsyms.map({ path throws(SymbolError) in
        try ImageSymbols(kallsyms: path, of: image)
      }) ?? own
    else {
      throw SymbolError(
        "\(path): has no symbols; give the same kernel's /proc/kallsyms with --kallsyms")
    }
    code = try KernelCode(image, symbols)
    let tables = try? KernelTables(path, kallsyms: own == nil ? kallsyms : nil)
    slots = SlotIndex(tables?.tables ?? [])
  }

  func calls(from function: String) -> [WitnessedCall]? {
    code.has(function) ? code.calls(from: function).map { $0.witnessed(slots) } : nil
  }
}

extension DecodedCall {
  /// What of it matters to a ledger.
  fileprivate func witnessed(_ index: SlotIndex) -> WitnessedCall {
    guard targets.isEmpty, !index.isEmpty, let load else { return WitnessedCall(targets: targets) }
    return WitnessedCall(targets: [], slots: Set(index.slots(at: load.offset).map(\.description)))
  }
}
