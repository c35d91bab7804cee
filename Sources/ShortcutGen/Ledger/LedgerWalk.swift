import Profiler

/// One audit: follows what is skipped from the system call's body to the leaf, function by function.
struct LedgerWalk {
  let catalog: OperationCatalog
  let image: (any CallWitness)?
  let syscall: String
  let moves: String
  /// The stub's rows.
  let ledger: [LedgerEntry]

  private var unknown: Set<LedgerAudit.Unknown> = []
  /// Effects of calls that the image shows.
  private var witnessed: Set<String> = []
  /// Rows of what a fact excludes, by the function called.
  private var impossible: [String: LedgerEntry] = [:]
  private var waiting: [String] = []
  private var recorded: Set<String> = []
  private var seen: Set<String> = []

  init(
    catalog: OperationCatalog, image: (any CallWitness)?, syscall: String, moves: String,
    ledger: [LedgerEntry]
  ) {
    (self.catalog, self.image, self.syscall) = (catalog, image, syscall)
    (self.moves, self.ledger) = (moves, ledger)
  }

  /// What the functions lead to is found.
  ///
  /// - Parameters:
  ///   - frames: functions that are skipped and had frames in the recording.
  ///   - hops: functions that are skipped and stand in operations tables.
  mutating func audit(skipping frames: [String], _ hops: [String]) -> LedgerAudit {
    recorded = Set(frames)
    for function in frames + hops { skip(function) }
    while let function = waiting.popLast() { visit(function) }
    let rows = ledger.map { row in
      var row = row
      let isShown = witnessed.contains(row.effect) || witnessed.contains(row.function)
      row.evidence = isShown ? "image" : "catalogue"
      return row
    }
    let more = impossible.values.sorted { $0.function < $1.function }
    return LedgerAudit(rows: rows + more, unknown: unknown.sorted())
  }

  private mutating func skip(_ function: String) {
    if seen.insert(function).inserted { waiting.append(function) }
  }

  /// The name under which `calls.yaml` has a function.
  private func listed(_ function: String) -> String {
    let isDefinition = SystemCalls.isDefinition(function)
    return isDefinition ? TrunkCalls.definition : KernelEntry.plain(function)
  }

  private mutating func visit(_ function: String) {
    let name = listed(function)
    guard let frame = catalog.calls[name] else {
      unknown.insert(.body(function))
      return
    }
    if frame.isCalled { return }
    if let twin = frame.twin { skip(twin) }
    for effects in frame.does { need(effects, of: function) }
    guard let image else { return followCatalogue(frame) }
    guard let calls = image.calls(from: function) else {
      // It was put into its caller, whose calls are looked at, unless it had a frame of its own.
      if recorded.contains(function) { unknown.insert(.absent(function)) }
      return
    }
    for call in calls { follow(call, from: function, listed: name) }
  }

  private mutating func followCatalogue(_ frame: TrunkCalls.Frame) {
    for (callee, answer) in frame.calls.sorted(by: { $0.key < $1.key }) {
      switch answer {
      case .frame where isOnTheWay(callee): skip(callee)
      case .effects(let lists): for effects in lists { need(effects, of: callee) }
      case .frame, .impossible, .noise: break
      }
    }
  }

  private mutating func follow(_ call: WitnessedCall, from function: String, listed name: String) {
    guard !call.targets.isEmpty else { return followPointer(call, from: function, listed: name) }
    let names = call.targets.map { KernelEntry.plain($0) }
    // A part of the function itself that the compiler put elsewhere: `.cold`, `.part.0`.
    if names.contains(KernelEntry.plain(function)) { return skip(call.targets[0]) }
    for callee in names {
      guard let answer = catalog.calls.answer(to: callee, from: name, where: isOnTheWay) else {
        continue
      }
      return take(answer, target: call.targets[0], callee: callee)
    }
    if names.contains(where: { standsInSlot($0, of: name) }) { return }
    unknown.insert(.call(of: call.targets[0], from: function))
  }

  private mutating func take(_ answer: TrunkCalls.Answer, target: String, callee: String) {
    switch answer {
    case .frame: if isOnTheWay(callee) { skip(target) }
    case .noise: break
    case .impossible(let fact):
      impossible[callee] = LedgerEntry(
        effect: "call of another path", function: callee, status: "impossible", note: fact,
        evidence: "image")
    case .effects(let lists):
      for effects in lists { need(effects, of: callee) }
      witnessed.formUnion(lists.joined())
      witnessed.insert(callee)
    }
  }

  /// The body of another system call is not on this one's way.
  private func isOnTheWay(_ function: String) -> Bool {
    guard let call = SystemCalls.implemented(by: function) else { return true }
    return call == syscall || (call == "accept4" && syscall == "accept")
  }

  /// Whether a function stands in a slot that the frame calls through: then the call is a hop, whose
  /// way on is known by the candidate's hops.
  private func standsInSlot(_ callee: String, of frame: String) -> Bool {
    guard let target = catalog.target(callee, moves: moves) else { return false }
    return dispatched(by: frame).contains(target.slot)
  }

  /// A call through a pointer is a hop where the frame calls through slots, unless the pointer comes
  /// from a place where none of them is.
  private mutating func followPointer(
    _ call: WitnessedCall, from function: String, listed name: String
  ) {
    let slots = dispatched(by: name)
    let isHop = !slots.isEmpty && call.slots.map { !$0.isDisjoint(with: slots) } ?? true
    if !isHop { unknown.insert(.pointer(from: function)) }
  }

  /// The slots that a frame, or one that may have been put into it, calls through.
  private func dispatched(by frame: String) -> Set<String> {
    Set(
      catalog.calls.inlinable(into: frame, where: isOnTheWay)
        .flatMap(catalog.slots(dispatchedBy:)))
  }

  private mutating func need(_ effects: [String], of function: String) {
    let isAnswered = effects.contains { effect in ledger.contains { $0.effect == effect } }
    if !isAnswered { unknown.insert(.effect(effects[0], of: function)) }
  }
}
