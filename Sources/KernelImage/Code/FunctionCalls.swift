/// Finds the calls among the instructions of one function.
struct FunctionCalls {
  private let instructions: [Instruction]
  /// From the function's first to one past its last address.
  private let range: Range<UInt64>
  private let patched: PatchedCode
  private let names: (UInt64) -> [String]

  private typealias Origin = (load: DecodedCall.Load?, table: UInt64?)

  /// - Parameter names: those of the function that begins at an address, the shown one first.
  init(
    _ instructions: [Instruction], in range: Range<UInt64>, _ patched: PatchedCode,
    names: @escaping (UInt64) -> [String]
  ) {
    (self.instructions, self.range, self.patched) = (instructions, range, patched)
    self.names = names
  }

  /// All calls and jumps out of the function, by address.
  func all() -> [DecodedCall] { instructions.indices.compactMap(call) }

  private func call(_ index: Int) -> DecodedCall? {
    switch instructions[index].operation {
    case .call(let target): return describe(index, target, isTail: false)
    case .jump(let target, _): return jump(index, target)
    default: return nil
    }
  }

  /// A jump to another function's beginning is a call at this one's end; other jumps stay inside.
  private func jump(_ index: Int, _ target: Instruction.Target) -> DecodedCall? {
    if case .address(let address) = target {
      guard !range.contains(address), !names(address).isEmpty else { return nil }
    }
    return describe(index, target, isTail: true)
  }

  private func describe(
    _ index: Int, _ target: Instruction.Target, isTail: Bool
  ) -> DecodedCall? {
    switch target {
    case .address(let address): return direct(index, address, isTail: isTail)
    case .register(let register):
      return make(index, .indirect, isTail: isTail, origin: chosen(register, before: index))
    case .memory(_, let displacement):
      let load = DecodedCall.Load(offset: displacement, address: instructions[index].address)
      return make(index, .indirect, isTail: isTail, origin: (load, nil))
    case .table(let table): return make(index, .indirect, isTail: isTail, origin: (nil, table))
    case .unknown: return make(index, .indirect, isTail: isTail)
    }
  }

  private func direct(_ index: Int, _ address: UInt64, isTail: Bool) -> DecodedCall? {
    let names = names(address)
    guard !names.contains(where: Thunks.isNoCall) else { return nil }
    if let register = Thunks.register(of: names) {
      return make(index, .indirect, isTail: isTail, origin: chosen(register, before: index))
    }
    if names.contains(where: Thunks.isStaticCall) {
      return make(index, .staticCall, isTail: isTail, to: address)
    }
    if let comparison = comparison(with: address, before: index) {
      return make(
        index, .guardedDirect, isTail: isTail, to: address,
        origin: chosen(comparison.register, before: comparison.index))
    }
    return make(index, .direct, isTail: isTail, to: address)
  }

  private func make(
    _ index: Int, _ kind: DecodedCall.Kind, isTail: Bool, to target: UInt64? = nil,
    origin: Origin = (nil, nil)
  ) -> DecodedCall {
    let instruction = instructions[index]
    return DecodedCall(
      address: instruction.address, returnAddress: instruction.end,
      isReplaceable: patched.covers(instruction.address), isTail: isTail, kind: kind,
      targets: target.map(names) ?? [], function: target, load: origin.load, table: origin.table)
  }

  /// The comparison of a register with an address that a direct call of it stands behind, anywhere
  /// in the function: compilers move the unlikely side far away.
  private func comparison(
    with address: UInt64, before index: Int
  ) -> (index: Int, register: Register)? {
    for place in instructions.indices {
      if case .compare(let register, address) = instructions[place].operation {
        return (place, register)
      }
    }
    return nil
  }

  /// Where a register's value comes from; if it isn't close by, where it came from when the same
  /// register was compared with a function: the last branches of such a choice stand far away.
  private func chosen(_ register: Register, before index: Int) -> Origin {
    let near = origin(of: register, before: index)
    if near.load != nil || near.table != nil { return near }
    for place in instructions.indices {
      guard case .compare(register, let value) = instructions[place].operation,
        !names(value).isEmpty
      else { continue }
      let far = origin(of: register, before: place)
      if far.load != nil { return far }
    }
    return near
  }

  /// Where the value of a register comes from, looking backwards through moves.
  private func origin(
    of register: Register, before index: Int
  ) -> Origin {
    var wanted = register
    for place in instructions[..<index].indices.reversed().prefix(FunctionCalls.reach) {
      let instruction = instructions[place]
      guard instruction.changes.contains(wanted) else { continue }
      switch instruction.operation {
      case .load(let into, _, let displacement) where into == wanted:
        return (DecodedCall.Load(offset: displacement, address: instruction.address), nil)
      case .loadFixed(let into, let table) where into == wanted: return (nil, table)
      case .move(let into, let from) where into == wanted: wanted = from
      default: return (nil, nil)
      }
    }
    return (nil, nil)
  }

  /// Instructions looked at backwards.
  private static let reach = 64
}

/// What names say about the kernel's helpers for calls.
enum Thunks {
  /// The register that a retpoline's thunk jumps through.
  ///
  /// Source: `arch/x86/lib/retpoline.S`; the first thunk shares its address with other marks.
  static func register(of names: [String]) -> Register? {
    for name in names {
      for prefix in prefixes where name.hasPrefix(prefix) {
        if let register = registers[String(name.dropFirst(prefix.count))] { return register }
      }
    }
    return nil
  }

  /// Whether a call of it, or a jump to it, is none in the running kernel: a return in disguise, and
  /// the places that ftrace patches.
  static func isNoCall(_ name: String) -> Bool {
    name == "__x86_return_thunk" || name == "__fentry__"
  }

  /// Whether a function is the trampoline of a static call.
  static func isStaticCall(_ name: String) -> Bool { name.hasPrefix("__SCT__") }

  private static let prefixes = [
    "__x86_indirect_thunk_", "__x86_indirect_call_thunk_", "__x86_indirect_jump_thunk_",
  ]

  private static let registers: [String: Register] = [
    "rax": .rax, "rbx": .rbx, "rcx": .rcx, "rdx": .rdx, "rsi": .rsi, "rdi": .rdi, "rbp": .rbp,
    "r8": .r8, "r9": .r9, "r10": .r10, "r11": .r11, "r12": .r12, "r13": .r13, "r14": .r14,
    "r15": .r15,
  ]
}
