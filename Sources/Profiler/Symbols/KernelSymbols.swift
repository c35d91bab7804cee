/// The kernel's symbols and, in a UKL kernel, the application's among them.
///
/// UKL links the application into the kernel's text and prefixes its symbols with `ukl_`. Whether
/// an address is the application's is decided by its symbol, never by the CPU mode recorded with
/// it, which says "user" for ring-0 application code.
public final class KernelSymbols: Sendable {
  let symbols: SymbolTable
  /// From `_stext` to `_etext`: addresses outside it and outside modules are no code.
  let text: Range<UInt64>
  private let entryText: Range<UInt64>
  /// What to add to an address of the recording before looking it up: the image's address minus
  /// the running kernel's, not 0 only for a vmlinux that was moved (KASLR).
  package let bias: UInt64
  /// Symbols of what an image has none of, modules and BPF programs, as the running kernel has them;
  /// their rows follow those of ``symbols``. Empty where kallsyms are the kernel's only symbols.
  private let outside: SymbolTable
  /// What the image's DWARF says, if the symbols come from an image.
  private let debugInfo: DebugInfo?

  /// Names of the functions that switch between application and kernel mode, in all versions of the
  /// patch set.
  public static let modeSwitchNames = KernelEntry.modeSwitches.sorted()

  /// Whether an application is linked into the kernel: if not, no chain needs joining.
  let hasApplication: Bool

  /// Prefix of every symbol of the linked application.
  static let applicationPrefix = "ukl_"

  /// Symbols of the kernel's own that carry the application's prefix.
  private static let kernelsOwn: Set<String> = ["ukl_entry_SYSCALL_64"]

  /// - Parameters:
  ///   - bias: see ``bias``.
  ///   - outside: see ``outside``.
  ///   - debugInfo: of the image that the symbols come from.
  package init(
    _ symbols: SymbolTable, bias: UInt64 = 0, outside: SymbolTable = SymbolTable(),
    debugInfo: DebugInfo? = nil
  ) {
    self.symbols = symbols
    self.bias = bias
    self.outside = outside
    self.debugInfo = debugInfo
    func range(_ start: String, _ end: String) -> Range<UInt64> {
      guard let low = symbols.address(of: start), let high = symbols.address(of: end), low < high
      else { return 0..<0 }
      return low..<high
    }
    let whole = range("_stext", "_etext")
    text = whole.isEmpty ? range("_text", "_etext") : whole
    entryText = range("__entry_text_start", "__entry_text_end")
    hasApplication = symbols.containsName(startingWith: KernelSymbols.applicationPrefix)
  }

  /// ``text`` at the running kernel's addresses.
  var recordedText: Range<UInt64> {
    let (low, high) = (text.lowerBound &- bias, text.upperBound &- bias)
    return low < high ? low..<high : 0..<0
  }

  /// Whether kernel or application text covers the recorded address.
  func isText(_ address: UInt64) -> Bool { text.contains(address &+ bias) }

  /// The row of the symbol that covers a recorded address.
  package func row(covering address: UInt64) -> Int? {
    symbols.row(covering: address &+ bias)
      ?? outside.row(covering: address).map { $0 + symbols.count }
  }

  /// Where the symbol of a row begins in the running kernel.
  package func start(ofRow row: Int) -> UInt64 {
    row < symbols.count ? symbols.starts[row] &- bias : outside.starts[row - symbols.count]
  }

  /// Describes the function of a row.
  package func function(_ row: Int) -> Function {
    guard row < symbols.count else {
      let symbol = outside.name(row - symbols.count)
      return Function(symbol: symbol, name: symbol, origin: .kernel)
    }
    let symbol = symbols.name(row)
    let origin = origin(of: symbol, at: symbols.starts[row])
    let name =
      origin == .application
      ? String(symbol.dropFirst(KernelSymbols.applicationPrefix.count)) : symbol
    return Function(symbol: symbol, name: name, origin: origin)
  }

  private func origin(of symbol: String, at address: UInt64) -> FunctionOrigin {
    if symbol.hasPrefix(KernelSymbols.applicationPrefix), text.contains(address),
      !entryText.contains(address), !KernelSymbols.kernelsOwn.contains(symbol)
    {
      return .application
    }
    return KernelEntry.isTransition(symbol) ? .transition : .kernel
  }

  /// The functions at a recorded address of the kernel's own code, innermost first, by the image's
  /// DWARF; empty without. For the line of a call ask one byte before where it returns to.
  public func frames(at address: UInt64) -> [SourceFrame] {
    debugInfo?.frames(at: address &+ bias) ?? []
  }

  /// The names of the functions inlined at a recorded address, innermost first.
  ///
  /// - Parameter row: of the symbol that covers the address.
  func inlinedFunctions(at address: UInt64, row: Int) -> [String] {
    guard row < symbols.count else { return [] }
    return debugInfo?.inlinedFunctions(at: address &+ bias) ?? []
  }

  /// Whether a symbol of this name exists.
  public func contains(_ name: String) -> Bool { symbols.address(of: name) != nil }
}
