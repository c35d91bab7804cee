public import Profiler
public import SystemPackage

/// The operations tables of a kernel's file and of its modules', from the cache where it has them.
public struct KernelTables: Sendable {
  /// By structure, then address; the modules' behind the kernel's, in the order of the modules.
  public private(set) var tables: [OperationsTable]
  /// Whether all were kept from an earlier run.
  public private(set) var isFromCache: Bool
  /// Why modules were not used; one line each.
  public private(set) var warnings: [String] = []

  /// - Parameters:
  ///   - path: a vmlinux or a bzImage.
  ///   - kallsyms: the same kernel's, for an image without symbols.
  ///   - modules: files of modules.
  ///   - cache: nil to look for the tables anew.
  /// - Throws: ``SymbolError`` where the kernel's files can't be used.
  public init(
    _ path: FilePath, kallsyms: FilePath? = nil, modules: [FilePath] = [],
    cache: TableCache? = .ofUser
  ) throws(SymbolError) {
    let file = cache == nil ? nil : Fingerprint(of: path)
    let symbols = cache == nil ? nil : Fingerprint(of: kallsyms ?? path)
    var kernel = OpenKernel(path, kallsyms)
    var id = file.flatMap { cache?.buildID(ofFile: $0) }
    if let cache, let symbols, let id, let kept = cache.tables(buildID: id, symbols: symbols) {
      (tables, isFromCache) = (kept, true)
    } else {
      tables = try kernel.tables()
      isFromCache = false
      id = try kernel.image().buildID.flatMap { $0.isEmpty ? nil : $0.description }
      if let cache, let file, let symbols, let id {
        cache.keep(tables, file: file, buildID: id, symbols: symbols)
      }
    }
    for module in modules { add(module, &kernel, id, cache) }
  }

  private mutating func add(
    _ module: FilePath, _ kernel: inout OpenKernel, _ id: String?, _ cache: TableCache?
  ) {
    let file = cache == nil ? nil : Fingerprint(of: module)
    if let cache, let file, let id, let kept = cache.tables(buildID: id, symbols: file) {
      tables += kept
      return
    }
    isFromCache = false
    do throws(SymbolError) {
      let found = try kernel.tables(ofModule: module)
      if let cache, let file, let id { cache.keep(found, buildID: id, symbols: file) }
      tables += found
    } catch { warnings.append("\(error); its tables aren't known") }
  }
}

/// A kernel's file, opened when it is first needed.
private struct OpenKernel {
  private let path: FilePath
  private let kallsyms: FilePath?
  private var opened: (image: KernelImage, symbols: ImageSymbols, types: KernelTypes)?

  init(_ path: FilePath, _ kallsyms: FilePath?) { (self.path, self.kallsyms) = (path, kallsyms) }

  mutating func image() throws(SymbolError) -> KernelImage { try open().image }

  mutating func tables() throws(SymbolError) -> [OperationsTable] {
    let (image, symbols, types) = try open()
    var search = TableSearch(image, symbols, types)
    return search.tables()
  }

  mutating func tables(ofModule path: FilePath) throws(SymbolError) -> [OperationsTable] {
    let (image, symbols, types) = try open()
    let module = try KernelModule(path: path, isData: symbols.isData(in: image))
    return try module.operationsTables(types)
  }

  private mutating func open() throws(SymbolError) -> (
    image: KernelImage, symbols: ImageSymbols, types: KernelTypes
  ) {
    if let opened { return opened }
    let image = try KernelImage(path: path)
    let symbols: ImageSymbols
    if let kallsyms {
      symbols = try ImageSymbols(kallsyms: kallsyms, of: image)
    } else {
      symbols = try image.symbols()
    }
    let opened = (image, symbols, try image.types())
    self.opened = opened
    return opened
  }
}

extension KernelImage {
  /// The image's own symbols.
  ///
  /// - Throws: ``SymbolError`` where it is stripped.
  func symbols() throws(SymbolError) -> ImageSymbols {
    guard let symbols = ImageSymbols(of: self) else {
      throw SymbolError(
        "\(path): has no symbols; give the same kernel's /proc/kallsyms with --kallsyms")
    }
    return symbols
  }

  /// What the kernel's BTF says of tables; nothing where it has DWARF alone.
  ///
  /// - Throws: ``SymbolError`` for an image with neither.
  func types() throws(SymbolError) -> KernelTypes {
    let btf = try btf()
    guard btf != nil || section(named: ".debug_info") != nil else {
      throw SymbolError("\(path): has neither DWARF nor BTF, so its structures aren't known")
    }
    return KernelTypes(btf ?? BTF())
  }

  /// The operations tables of the image, by its own symbols.
  ///
  /// - Throws: ``SymbolError`` where symbols or types are missing.
  public func operationsTables() throws(SymbolError) -> [OperationsTable] {
    var search = TableSearch(self, try symbols(), try types())
    return search.tables()
  }

  /// The release of the kernel in a file, `6.1.0-56-amd64`: a boot image has it in its header, a
  /// vmlinux says it when it boots. Nil for one that is stripped or no kernel.
  public static func release(ofFile path: FilePath) -> String? {
    if let file = try? MappedFile.open(path), let release = BootImage.release(of: file.bytes) {
      return release
    }
    guard let image = try? KernelImage(path: path),
      let banner = ImageSymbols(of: image)?.address(of: "linux_banner")
    else { return nil }
    let text = image.withBytes(at: banner, count: 128) { $0.copied() }.prefix { $0 >= 0x20 }
    let words = String(decoding: text, as: UTF8.self).split(separator: " ")
    return words.starts(with: ["Linux", "version"]) && words.count > 2 ? String(words[2]) : nil
  }
}

extension ImageSymbols {
  /// Answers whether a name of the kernel is a variable's. What stands behind the image belongs to
  /// modules: what they export to each other mostly is code, and counts as such.
  public func isData(in image: KernelImage) -> (String) -> Bool {
    var isData: [String: Bool] = [:]
    let end =
      image.sections.filter(\.isAllocated)
      .map { $0.address.addingClamped($0.size) }.max() ?? 0
    for row in 0..<count where address(row) < end {
      // What modules import is exported, so of several of a name the code counts if there is any.
      let name = name(row)
      isData[name] = !image.isCode(address(row)) && isData[name] ?? true
    }
    return { isData[$0] ?? false }
  }
}

extension Fingerprint {
  /// The fingerprint of a file's bytes, or nil if it can't be read; what reads it next says why.
  fileprivate init?(of path: FilePath) {
    guard let file = try? MappedFile.open(path) else { return nil }
    self.init(file.bytes)
  }
}
