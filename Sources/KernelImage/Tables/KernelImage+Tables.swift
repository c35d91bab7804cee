public import Profiler
public import SystemPackage

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
    let btf = try btf()
    guard btf != nil || section(named: ".debug_info") != nil else {
      throw SymbolError("\(path): has neither DWARF nor BTF, so its structures aren't known")
    }
    var search = TableSearch(self, symbols, btf ?? BTF())
    return search.tables()
  }
}

/// The operations tables of a kernel's file, from the cache where it has them.
public struct KernelTables: Sendable {
  /// By structure, then address.
  public let tables: [OperationsTable]
  /// Whether they were kept from an earlier run.
  public let isFromCache: Bool

  /// - Parameters:
  ///   - path: a vmlinux or a bzImage.
  ///   - kallsyms: the same kernel's, for an image without symbols.
  ///   - cache: nil to look for the tables anew.
  /// - Throws: ``SymbolError`` where a file can't be used.
  public init(
    _ path: FilePath, kallsyms: FilePath? = nil, cache: TableCache? = .ofUser
  ) throws(SymbolError) {
    let file = cache == nil ? nil : Fingerprint(of: path)
    let symbols = Fingerprint(of: kallsyms ?? path)
    if let cache, let file, let symbols, let id = cache.buildID(ofFile: file),
      let kept = cache.tables(buildID: id, symbols: symbols)
    {
      (tables, isFromCache) = (kept, true)
      return
    }
    let image = try KernelImage(path: path)
    var imageSymbols: ImageSymbols?
    if let kallsyms { imageSymbols = try ImageSymbols(kallsyms: kallsyms, of: image) }
    tables = try image.operationsTables(symbols: imageSymbols)
    isFromCache = false
    guard let cache, let file, let symbols, let id = image.buildID, !id.isEmpty else { return }
    cache.keep(tables, file: file, buildID: id.description, symbols: symbols)
  }
}

extension Fingerprint {
  /// The fingerprint of a file's bytes, or nil if it can't be read; what reads it next says why.
  fileprivate init?(of path: FilePath) {
    guard let file = try? MappedFile.open(path) else { return nil }
    self.init(file.bytes)
  }
}
