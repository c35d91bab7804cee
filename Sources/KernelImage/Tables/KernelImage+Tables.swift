public import Profiler

extension KernelImage {
  /// The operations tables of the image.
  ///
  /// - Parameter symbols: those to use in place of the image's own.
  /// - Throws: ``SymbolError`` where symbols or types are missing.
  public func operationsTables(
    symbols: ImageSymbols? = nil
  ) throws(SymbolError) -> [OperationsTable] {
    guard let symbols = symbols ?? ImageSymbols(of: self) else {
      throw SymbolError(
        "\(path): has no symbols; give the same kernel's /proc/kallsyms with --kallsyms")
    }
    guard let btf = try btf() else {
      throw SymbolError("\(path): has neither DWARF nor BTF, so its structures aren't known")
    }
    var search = TableSearch(self, symbols, btf)
    return search.tables()
  }
}
