public import Profiler
public import SystemPackage

/// A module of a kernel, linked as the kernel does when it loads it.
public struct KernelModule {
  /// As `/proc/modules` has it.
  public let name: String
  /// The release of the kernel it was made for, `6.1.0-56-amd64`.
  public let release: String?
  /// Its id, if it has one.
  public var buildID: BuildID? { image.buildID }
  let image: KernelImage
  let symbols: ImageSymbols

  /// Where a module is linked that nobody has seen loaded: in the kernel's area for modules.
  public static let usualBase: UInt64 = 0xffff_ffff_c000_0000

  /// Opens a `.ko`, packed or not.
  ///
  /// - Parameters:
  ///   - base: where the running kernel has it.
  ///   - isData: whether a name of the kernel is a variable's; what it exports else is code.
  /// - Throws: ``SymbolError`` where the file can't be read or is no x86-64 module.
  public init(
    path: FilePath, base: UInt64 = usualBase, isData: (String) -> Bool
  ) throws(SymbolError) {
    let found = try ElfBytes.open(path)
    do throws(SymbolError) {
      var bytes = found.bytes.withBytes { $0.copied() }
      let contents = try ElfContents(bytes.span.bytes)
      guard contents.isObject, !found.isBootImage else {
        throw SymbolError("no module: the file is linked already")
      }
      guard contents.isX86 else { throw SymbolError("only x86-64 modules are linked") }
      let linker = try ModuleLinker(bytes.span.bytes, contents.sections, at: base, isData: isData)
      try linker.relocate(&bytes)
      let linked = ElfBytes.Found(bytes: ImageBytes(unpacked: bytes), isBootImage: false)
      image = KernelImage(path, linked, sections: linker.sections, isX86: true)
      symbols = ImageSymbols(linker.table, shift: 0, isOwn: true)
    } catch { throw SymbolError("\(path): \(error)") }
    let facts = image.withSection(".modinfo", KernelModule.facts)
    name = facts["name"] ?? ModuleFolder.moduleName(ofFile: path.lastComponent?.string ?? "") ?? ""
    release = facts["vermagic"].map { String($0.prefix { $0 != " " }) }
  }

  /// The id of the module in a file, or nil where it has none or can't be read.
  static func buildID(ofFile path: FilePath) -> BuildID? {
    guard let found = try? ElfBytes.open(path),
      let contents = try? found.bytes.withBytes({ bytes throws(SymbolError) in
        try ElfContents(bytes)
      })
    else { return nil }
    return KernelImage.buildID(found.bytes, contents.sections)
  }

  /// `.modinfo` is a list of `key=value`, each with a NUL behind.
  private static func facts(_ bytes: RawSpan) -> [String: String] {
    let pairs = bytes.copied().split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    var facts: [String: String] = [:]
    for pair in pairs {
      guard let sign = pair.firstIndex(of: "=") else { continue }
      facts[String(pair[..<sign])] = String(pair[pair.index(after: sign)...])
    }
    return facts
  }

  /// The operations tables in the module.
  ///
  /// - Parameter kernel: the kernel's types.
  /// - Throws: ``SymbolError`` for damaged types, or those of another kernel.
  func operationsTables(_ kernel: KernelTypes) throws(SymbolError) -> [OperationsTable] {
    let read = image.withSection(".BTF") { bytes -> Result<KernelTypes, SymbolError> in
      guard bytes.byteCount > 0 else { return .success(kernel) }
      do throws(SymbolError) { return .success(try kernel.adding(module: bytes)) } catch {
        return .failure(SymbolError("\(image.path): \(error)"))
      }
    }
    var search = TableSearch(image, symbols, try read.get())
    return search.tables().map { $0.inModule(name) }
  }
}
