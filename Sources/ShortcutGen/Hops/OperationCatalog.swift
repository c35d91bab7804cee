import Profiler
internal import Yams

/// What is known of the kernel by name: system calls, slots of operations tables and what may stand
/// in them, trunk functions and what they do besides. Data: `Catalog/*.yaml`.
public struct OperationCatalog: Sendable {
  /// A system call whose call sites are analysed.
  public struct SystemCall: Sendable, Decodable {
    /// The system call.
    public let name: String
    /// `read` or `write`: which way data moves; else `wait` or `accept`.
    public let moves: String
    /// Whether a stub can take its place at all.
    public let stub: Bool
    /// Why not.
    public let why: String?
  }

  /// What may stand in a slot.
  public struct Target: Sendable {
    /// The function.
    public let function: String
    /// Struct and member, `proto.recvmsg`.
    public let slot: String
    /// Which way data moves through it, or `accept`.
    public let moves: String
    /// The operations table that holds it, where there is one by name.
    public let table: String?
    /// Whose work it does; nil for a trunk function, which passes the call on.
    public let family: String?
    /// How the kernel's source calls through the slot.
    public let call: CallKind
    /// The slot that leads to this one, if any.
    public let via: String?
    /// Targets of the slot that end in a call of this function, which hides them.
    public let behind: [String]
  }

  /// What a stub of a family does.
  public struct Stub: Sendable {
    /// The system call it stands in for.
    public let syscall: String
    /// Side effects of the trunk and what becomes of them under the policy `faithful`.
    public let ledger: [LedgerEntry]
  }

  /// A kind of descriptor.
  public struct Family: Sendable, Decodable {
    /// Its short name: `tcp`.
    public let family: String
    /// For people: `TCP socket`.
    public let title: String
    /// Instructions a call that a faithful stub saves, by the way data moves, or by system call.
    public internal(set) var net: [String: Double]?
    /// The system calls that have a stub.
    public let stubs: [String]
  }

  /// Instructions per call that are the same for all families.
  struct Costs: Decodable {
    /// Of a stub, in the skipped frames' place.
    let stub: Double
    /// Of entry and exit code.
    var transition: Double
    /// Of leaving and entering application mode around a direct call.
    let switches: Double
  }

  /// By name.
  public let systemCalls: [String: SystemCall]
  /// By name.
  public internal(set) var families: [String: Family]
  private let targets: [String: [Target]]
  private let dataSlots: [String: DataSlots]
  private let dispatchers: [String: [String]]
  private let path: TrunkData
  private var costs: Costs
  private var effects: EffectData
  private let deep: [DeepSlotData]
  private let deepDispatchers: Set<String>
  /// What trunk functions do and call.
  let calls: TrunkCalls
  private let ledger: [LedgerRow]

  /// Reads the catalogue built into the program.
  ///
  /// - Throws: where the YAML is not of the form its head describes.
  init() throws {
    let decoder = YAMLDecoder()
    func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
      try decoder.decode(T.self, from: String(decoding: bytes, as: UTF8.self))
    }
    let calls = try decode([SystemCall].self, PackageResources.syscalls_yaml)
    systemCalls = Dictionary(uniqueKeysWithValues: calls.map { ($0.name, $0) })
    let slots = try decode([SlotData].self, PackageResources.slots_yaml)
    targets = Dictionary(grouping: slots.flatMap(\.resolved), by: \.function)
    dataSlots = Dictionary(grouping: slots, by: \.moves).mapValues { DataSlots($0.map(\.slot)) }
    dispatchers = slots.reduce(into: [:]) { out, slot in
      for function in slot.dispatchers { out[function, default: []].append(slot.slot) }
    }
    path = try decode(TrunkData.self, PackageResources.trunk_yaml)
    costs = try decode(Costs.self, PackageResources.costs_yaml)
    deep = try decode([DeepSlotData].self, PackageResources.deep_yaml)
    deepDispatchers = Set(deep.flatMap(\.dispatchers))
    effects = try decode(EffectData.self, PackageResources.effects_yaml)
    self.calls = TrunkCalls(try decode(TrunkCallsData.self, PackageResources.calls_yaml))
    ledger = try decode(LedgerData.self, PackageResources.ledger_yaml).rows
    let list = try decode([Family].self, PackageResources.families_yaml)
    families = Dictionary(uniqueKeysWithValues: list.map { ($0.family, $0) })
  }

  /// The catalogue built into the program.
  public static func builtIn() -> OperationCatalog {
    do {
      return try OperationCatalog()
    } catch {
      // The YAML is part of the program and read by every test: it can't fail on a user's machine.
      preconditionFailure("the built-in catalogue: \(error)")
    }
  }

  /// The same, read once.
  public static let shared = builtIn()

  /// What a kernel function is, seen from a trunk.
  public enum Role: Sendable {
    /// Passes the call on.
    case trunk
    /// Does the work.
    case leaf(Target)
    /// Called by trunk functions, and a faithful stub has no need of it.
    case dropped
    /// Called by trunk functions; a faithful stub does the same, or the time is not the trunk's.
    case kept
    /// A thunk of the compiler's or of a mitigation: its time is its caller's.
    case thunk
    /// In no list.
    case unlisted

    /// Whether it neither passes the call on nor does its work, as far as the catalogue knows.
    var isNoStation: Bool {
      switch self {
      case .kept, .unlisted: true
      case .trunk, .leaf, .dropped, .thunk: false
      }
    }
  }

  /// The role of a kernel function under a system call that moves data that way.
  public func role(of symbol: String, moves: String) -> Role {
    let name = KernelEntry.plain(symbol)
    if path.thunks.contains(where: name.hasPrefix) { return .thunk }
    if let target = target(name, moves: moves) {
      return target.family == nil ? .trunk : .leaf(target)
    }
    if path.trunk.contains(name) || SystemCalls.isDefinition(symbol) { return .trunk }
    if path.dropped.contains(name) { return .dropped }
    let isKept = path.kept.contains(name) || path.keptPrefixes.contains(where: name.hasPrefix)
    return isKept ? .kept : .unlisted
  }

  /// What stands in a slot under this name; of several the one that fits the direction.
  public func target(_ symbol: String, moves: String) -> Target? {
    targets[KernelEntry.plain(symbol)]?.first { $0.moves == moves }
  }

  /// The trunk functions that may stand in a slot, in the catalogue's order.
  func trunkTargets(of slot: String) -> [Target] {
    targets.values.joined().filter { $0.slot == slot && $0.family == nil }
      .sorted { $0.function < $1.function }
  }

  /// The slots through which data move that way.
  func dataSlots(moves: String) -> DataSlots { dataSlots[moves] ?? DataSlots([]) }

  /// Whether a function calls through a slot.
  public func dispatches(_ symbol: String) -> Bool {
    dispatchers[KernelEntry.plain(symbol)] != nil
  }

  /// The slots that a function calls through.
  func slots(dispatchedBy symbol: String) -> [String] {
    dispatchers[KernelEntry.plain(symbol)] ?? []
  }

  /// The leaves of a family, by name.
  func leaves(of family: String, moves: String) -> [String] {
    targets.values.joined().filter { $0.family == family && $0.moves == moves }.map(\.function)
      .sorted()
  }

  /// The stub for a leaf under a system call.
  public func stub(for syscall: String, leaf: Target) -> Stub? {
    guard let family = leaf.family, families[family]?.stubs.contains(syscall) == true else {
      return nil
    }
    let rows = ledger.filter { $0.families.contains(family) && $0.calls.contains(syscall) }
    return Stub(syscall: syscall, ledger: rows.map(\.entry))
  }

  /// Instructions a call that the faithful stub of a family saves in the trunk: of this call where it
  /// was measured, else of those that move data the same way; those of tmpfs, the least, where nobody
  /// measured the family.
  ///
  /// - Parameter leaf: where the call ends; nil where nothing shows it.
  private func net(of leaf: Target?, _ call: String, moves: String) -> Double {
    let own = leaf?.family.flatMap { families[$0]?.net }
    return own?[call] ?? own?[moves] ?? families["tmpfs"]?.net?[moves] ?? 0
  }

  /// Instructions a call in the frames that a faithful stub skips, before its own are subtracted.
  func skippedByStub(of leaf: Target?, call: String = "", moves: String) -> Double {
    net(of: leaf, call, moves: moves) + costs.stub
  }

  /// Takes measured instructions a call for entry and exit code, and for guards where they are known.
  mutating func replaceCosts(transition: Double, guards: Double?) {
    costs.transition = max(transition, costs.switches)
    if let guards { effects.guards = max(0, guards) }
  }

  /// Instructions a call that a stub spends in the skipped frames' place.
  func spentByStub(_ policy: SavingPolicy) -> Double {
    let left = effects.effects.filter { !policy.keeps($0.key) }.reduce(0) { $0 + $1.value.inline }
    return max(0, costs.stub - (policy.hasGuards ? 0 : effects.guards) - left)
  }

  /// Instructions a call that switching modes takes in the entry code's place.
  var spentBySwitching: Double { costs.switches }

  /// The part of entry and exit code's weight that switching modes doesn't spend again.
  var keptByDirectCall: Double { 1 - costs.switches / costs.transition }

  /// The side effect that a helper of the trunk is, if it is one that a lean stub may leave out.
  func effect(of symbol: String) -> SideEffect? {
    let name = KernelEntry.plain(symbol)
    return effects.effects.first { _, effect in
      effect.functions.contains(name) || effect.prefixes.contains(where: name.hasPrefix)
    }?.key
  }

  /// Whether a function calls through a slot behind a leaf.
  func dispatchesDeep(_ symbol: String) -> Bool {
    deepDispatchers.contains(KernelEntry.plain(symbol))
  }

  /// The call through a slot behind a leaf that a function and one below it stand for, if any.
  func deepCall(from caller: String, to callee: String) -> DeepCall? {
    let (from, to) = (KernelEntry.plain(caller), KernelEntry.plain(callee))
    return deep.first { $0.dispatchers.contains(from) && $0.targets.contains(to) }.map {
      DeepCall(slot: $0.slot, caller: from, callee: to, call: $0.call, evidence: "catalogue")
    }
  }

  /// Whether no shortcut saves a function's time, wherever it runs.
  func isNeverSaved(_ symbol: String) -> Bool {
    effects.never.contains(KernelEntry.plain(symbol))
  }
}

/// How a call through a slot is made.
public enum CallKind: String, Sendable, Codable {
  case indirect, guardedDirect, direct, tail, inlined, unknown
}

/// A side effect of the trunk, and what a stub does about it.
public struct LedgerEntry: Sendable, Codable, Equatable {
  /// What happens.
  public let effect: String
  /// The function that does it on the ordinary path.
  public let function: String
  /// `kept`, `dropped` or `impossible`.
  public let status: String
  /// How, or why not.
  public let note: String
  /// The name under which a policy can drop it; nothing where none can.
  public let drop: SideEffect?
  /// `image` where the kernel's image shows the call that has the effect, else `catalogue`; set by an
  /// audit.
  public internal(set) var evidence: String?

  init(
    effect: String, function: String, status: String, note: String, drop: SideEffect? = nil,
    evidence: String? = nil
  ) {
    (self.effect, self.function, self.status, self.note) = (effect, function, status, note)
    (self.drop, self.evidence) = (drop, evidence)
  }

  /// The row as it is under a policy.
  public func under(_ policy: StubPolicy) -> LedgerEntry {
    guard let drop, !policy.keeps(drop) else { return self }
    return LedgerEntry(
      effect: effect, function: function, status: "dropped", note: "by --drop \(drop.rawValue)",
      drop: drop, evidence: evidence)
  }
}

private struct LedgerData: Decodable {
  let rows: [LedgerRow]
}

/// A row of the ledger and the stubs it belongs to.
private struct LedgerRow: Decodable {
  let entry: LedgerEntry
  let families: Set<String>
  let calls: Set<String>

  enum CodingKeys: String, CodingKey { case families, calls }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    families = try values.decode(Set<String>.self, forKey: .families)
    calls = try values.decode(Set<String>.self, forKey: .calls)
    entry = try LedgerEntry(from: decoder)
  }
}

private struct SlotData: Decodable {
  let slot: String
  let moves: String
  let call: CallKind
  let dispatchers: [String]
  let via: String?
  let targets: [TargetData]

  struct TargetData: Decodable {
    let function: String
    let table: String?
    let role: String?
    let family: String?
    let behind: [String]?
  }

  var resolved: [OperationCatalog.Target] {
    targets.map {
      OperationCatalog.Target(
        function: $0.function, slot: slot, moves: moves, table: $0.table, family: $0.family,
        call: call, via: via,
        behind: $0.behind ?? [])
    }
  }
}

private struct TrunkData: Decodable {
  let trunk: Set<String>
  let dropped: Set<String>
  let kept: Set<String>
  let keptPrefixes: [String]
  let thunks: [String]

  enum CodingKeys: String, CodingKey {
    case trunk, dropped, kept, thunks
    case keptPrefixes = "kept_prefixes"
  }
}

private struct EffectData: Decodable {
  let effects: [SideEffect: Effect]
  var guards: Double
  let never: Set<String>

  struct Effect: Decodable {
    let functions: Set<String>
    let prefixes: [String]
    let inline: Double
  }

  enum CodingKeys: String, CodingKey { case effects, guards, never }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guards = try container.decode(Double.self, forKey: .guards)
    never = try container.decode(Set<String>.self, forKey: .never)
    let named = try container.decode([String: Effect].self, forKey: .effects)
    effects = named.reduce(into: [:]) { out, item in
      if let effect = SideEffect(rawValue: item.key) { out[effect] = item.value }
    }
  }
}

private struct DeepSlotData: Decodable {
  let slot: String
  let call: CallKind
  let dispatchers: Set<String>
  let targets: Set<String>
}
