/// Reads the tables that DWARF names out of the image.
struct DwarfTables {
  private let image: KernelImage
  private let stores: FunctionStores
  private var functions: FunctionTypes

  init(_ image: KernelImage, _ functions: FunctionTypes, _ stores: FunctionStores) {
    (self.image, self.functions, self.stores) = (image, functions, stores)
  }

  /// All of them; those without any pointer are left out.
  mutating func tables() -> [OperationsTable] {
    var found: [OperationsTable] = []
    for variable in DwarfVariables.tables(of: image) {
      for index in 0..<variable.count {
        let table = table(variable, index)
        if !table.members.isEmpty { found.append(table) }
      }
    }
    return found
  }

  private mutating func table(_ variable: DwarfVariables.Variable, _ index: Int) -> OperationsTable
  {
    let structure = variable.structure
    let start = variable.address.addingClamped(UInt64(index * structure.size))
    let end = start.addingClamped(UInt64(structure.size))
    let stored = stores.functions(in: start..<end)
    let words = image.withBytes(at: start, count: structure.size) {
      VariableWords($0, size: structure.size, functions, stores: stored)
    }
    var members: [OperationsTable.Member] = []
    for pointer in words.pointers {
      guard let slot = structure.slots.first(where: { $0.offset == pointer.offset }) else {
        continue
      }
      members.append(
        OperationsTable.Member(
          name: slot.name, offset: slot.offset,
          function: functions.names(pointer.row).first?.text ?? "?",
          isFilledAtRunTime: pointer.isStored))
    }
    return OperationsTable(
      structure: structure.name,
      name: index == 0 ? variable.name : "\(variable.name)[\(index)]", address: start,
      size: structure.size, members: members, evidence: .debugInformation, alternatives: [])
  }
}
