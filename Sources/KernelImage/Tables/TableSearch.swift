internal import Profiler

/// Finds the operations tables of an image by the types of what they point to.
struct TableSearch {
  private let image: KernelImage
  private let symbols: ImageSymbols
  private let functions: FunctionTypes
  private let stores: FunctionStores
  private var matcher: TableMatcher

  init(_ image: KernelImage, _ symbols: ImageSymbols, _ types: KernelTypes) {
    (self.image, self.symbols) = (image, symbols)
    functions = FunctionTypes(image, symbols, types)
    stores = FunctionStores(image, functions)
    matcher = TableMatcher(types, functions)
  }

  /// All tables, by structure and address: what DWARF names, and what else is found.
  mutating func tables() -> [OperationsTable] {
    var named = DwarfTables(image, functions, stores)
    var found = named.tables()
    let known = Set(found.map(\.address))
    for row in 0..<symbols.count where isLastAlias(row) {
      found += tables(in: row).filter { !known.contains($0.address) }
    }
    return found.sorted {
      ($0.structure, $0.address, $0.name) < ($1.structure, $1.address, $1.name)
    }
  }

  /// Aliases stand together; the last is the one shown.
  private func isLastAlias(_ row: Int) -> Bool {
    row + 1 == symbols.count || symbols.address(row + 1) != symbols.address(row)
  }

  private mutating func tables(in row: Int) -> [OperationsTable] {
    let start = symbols.address(row)
    guard start % 8 == 0, let section = image.section(at: start), !section.isExecutable else {
      return []
    }
    let end = min(symbols.end(row), start.addingClamped(UInt64(VariableWords.largest)))
    guard end > start else { return [] }
    let stored = stores.functions(in: start..<end)
    let size = Int(end - start)
    var words = image.withBytes(at: start, count: size) {
      VariableWords($0, size: size, functions, stores: stored)
    }
    var found: [OperationsTable] = []
    var address = start
    while !words.pointers.isEmpty, let (table, next) = table(words, row, address, found.count) {
      found.append(table)
      words = words.dropping(next)
      address += UInt64(next)
    }
    return found
  }

  /// The table at the beginning of a variable's words, and where the next one of an array would be.
  private mutating func table(
    _ words: VariableWords, _ row: Int, _ address: UInt64, _ index: Int
  ) -> (OperationsTable, Int)? {
    let fits = matcher.best(for: words)
    guard let layout = fits.first.map(matcher.layout), layout.isTable else {
      return nil
    }
    let name = symbols.name(row)
    let table = OperationsTable(
      structure: layout.name, name: index == 0 ? name : "\(name)[\(index)]", address: address,
      size: layout.size, members: members(layout, words), evidence: .prototypes,
      alternatives: fits.dropFirst().map { matcher.layout($0).name })
    return (table, max(8, layout.size))
  }

  private mutating func members(
    _ layout: OperationsLayout, _ words: VariableWords
  ) -> [OperationsTable.Member] {
    var members: [OperationsTable.Member] = []
    for pointer in words.pointers where pointer.offset < layout.size {
      guard let slot = layout.slots.first(where: { $0.offset == pointer.offset }) else { continue }
      members.append(
        OperationsTable.Member(
          name: slot.name, offset: slot.offset, function: matcher.name(of: pointer.row, in: slot),
          isFilledAtRunTime: pointer.isStored))
    }
    return members
  }
}

extension KernelImage {
  /// The types of a kernel or a module from its `.BTF`, or nil without.
  ///
  /// - Parameter kernel: the kernel's, for a module's.
  /// - Throws: ``SymbolError`` for damaged ones.
  func btf(behind kernel: BTF? = nil) throws(SymbolError) -> BTF? {
    let read = withSection(".BTF") { bytes -> Result<BTF?, SymbolError> in
      guard bytes.byteCount > 0 else { return .success(nil) }
      do throws(SymbolError) { return .success(try BTF(bytes, base: kernel)) } catch {
        return .failure(SymbolError("\(path): \(error)"))
      }
    }
    return try read.get()
  }
}
