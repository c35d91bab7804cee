/// A member of a structure of function pointers, `file_operations.read_iter`.
public struct OperationSlot: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The structure's name.
  public let structure: String
  /// The member's.
  public let member: String
  /// Bytes from the structure's start.
  public let offset: Int

  /// `structure.member`.
  public var description: String { "\(structure).\(member)" }

  /// By name.
  public static func < (a: OperationSlot, b: OperationSlot) -> Bool {
    (a.structure, a.member, a.offset) < (b.structure, b.member, b.offset)
  }
}

/// Answers which members of which tables lead to a function.
public struct SlotIndex: Sendable {
  /// A member of a table.
  public struct Entry: Hashable, Sendable {
    /// The member.
    public let slot: OperationSlot
    /// The table's name.
    public let table: String
  }

  private var byFunction: [String: [Entry]] = [:]
  private var byOffset: [Int64: Set<OperationSlot>] = [:]

  /// - Parameter tables: all of a kernel's.
  public init(_ tables: [OperationsTable]) {
    for table in tables {
      for member in table.members {
        let slot = OperationSlot(
          structure: table.structure, member: member.name, offset: member.offset)
        byFunction[member.function, default: []].append(Entry(slot: slot, table: table.name))
        byOffset[Int64(slot.offset), default: []].insert(slot)
      }
    }
  }

  /// The members that a call through a pointer may go through: the one that types lead to, else those
  /// that the functions stand in that the same pointer was compared with, or that is called.
  public func slots(of call: DecodedCall, in code: KernelCode) -> [OperationSlot] {
    guard let load = call.load else { return [] }
    if let slot = code.slot(of: call) { return [slot] }
    let siblings = code.calls(from: call.caller).filter { $0.load == load }
    let found = siblings.flatMap(\.targets).flatMap { entries(for: $0, offset: load.offset) }
    return Set(found.map(\.slot)).sorted()
  }

  /// Whether no table is known.
  public var isEmpty: Bool { byFunction.isEmpty }

  /// The members that stand so many bytes from their structure's start.
  public func slots(at offset: Int64) -> Set<OperationSlot> { byOffset[offset] ?? [] }

  /// The members that lead to a function; with an offset, only members that stand there.
  public func entries(for function: String, offset: Int64? = nil) -> [Entry] {
    let all = byFunction[function] ?? []
    guard let offset else { return all }
    return all.filter { Int64($0.slot.offset) == offset }
  }
}
