/// The functions that each place in a structure of function pointers leads to, over all tables of a
/// kernel and its modules.
public struct SlotTargets {
  /// By offset, then by structure.
  private var byOffset: [Int64: [String: Set<UInt64>]] = [:]

  /// Nothing: no tables are known.
  public init() {}

  /// - Parameters:
  ///   - tables: all of the kernel's and its loaded modules', or one could be missing that a pointer
  ///     leads to.
  ///   - code: theirs.
  public init(_ tables: [OperationsTable], _ code: KernelCode) {
    for table in tables {
      for member in table.members {
        let functions = code.functions(named: member.function)
        byOffset[Int64(member.offset), default: [:]][table.structure, default: []]
          .formUnion(functions)
      }
    }
  }

  /// What a pointer that was loaded from an offset may lead to.
  ///
  /// - Parameter structure: the structure that it was loaded from, where it is known.
  func functions(at offset: Int64, of structure: String? = nil) -> Set<UInt64> {
    let structures = byOffset[offset] ?? [:]
    if let structure { return structures[structure] ?? [] }
    return structures.values.reduce(into: []) { $0.formUnion($1) }
  }
}
