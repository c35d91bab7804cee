/// Knows which functions stand in operations tables and how they are called: a kernel's image.
public protocol HopWitness {
  /// The member that a function called by a trunk function stands in, if it is one that moves data.
  ///
  /// - Parameter slots: members that move data that way, by structure, as the catalogue knows them; of
  ///   another structure one of the same name counts where the caller calls through it.
  func place(of callee: String, calledBy caller: String, slots: DataSlots) -> SlotPlace?

  /// The call through a slot behind a leaf that a function and one that it called stand for.
  func deepCall(from caller: String, to callee: String) -> DeepCall?
}

/// Where in operations tables a function stands.
public struct SlotPlace: Hashable, Sendable {
  /// Structure and member, `proto_ops.recvmsg`.
  public let slot: String
  /// The tables that have it there, by name; at least one.
  public let tables: [String]

  /// Describes a place.
  public init(slot: String, tables: [String]) { (self.slot, self.tables) = (slot, tables) }

  /// The table, if there is only one.
  var table: String? { tables.count == 1 ? tables.first : nil }

  /// For people: `proto_ops.recvmsg of algif_hash_ops`.
  var shown: String {
    table.map { "\(slot) of \($0)" } ?? "\(slot) of \(tables.count) tables"
  }
}

/// The slots through which a system call's data move one way.
public struct DataSlots: Sendable {
  /// `file_operations.read_iter`.
  private let slots: Set<String>
  private let members: Set<String>

  init(_ slots: some Sequence<String>) {
    self.slots = Set(slots)
    members = Set(self.slots.map(DataSlots.member))
  }

  /// Whether it is one of them.
  public func contains(_ slot: String) -> Bool { slots.contains(slot) }

  /// Whether a member of any structure is called like one of them.
  public func isCalledLikeOne(_ slot: String) -> Bool { members.contains(DataSlots.member(slot)) }

  private static func member(_ slot: String) -> String {
    String(slot.drop { $0 != "." }.dropFirst())
  }
}
