/// What the pointers in registers lead to, followed through one function: from its parameters over
/// loads of members, moves, the stack and what called functions return. Says of a pointer to a
/// function which structure it was loaded from.
///
///     vfs_read(struct file *file, …)      rdi: file
///     mov 0x28(%rdi), %rax                rax: file_operations    (file.f_op)
///     mov 0x20(%rax), %rax                +32: file_operations.read_iter
///
/// Where ways of control meet, only what all of them agree on stays known.
struct PointerTypes {
  private let types: FunctionPrototypes
  private let names: (UInt64) -> [String]
  private var btf: BTF { types.btf }

  /// A pointer to a structure, or into one.
  struct Pointer: Equatable {
    let structure: BTFType
    /// Bytes from its start.
    var offset: Int64 = 0
  }

  /// What is known before an instruction.
  private struct State: Equatable {
    var registers = [Pointer?](repeating: nil, count: 16)
    /// By offset from the stack pointer.
    var stack: [Int64: Pointer] = [:]

    subscript(register: Register) -> Pointer? {
      get { registers[Int(register.rawValue)] }
      set { registers[Int(register.rawValue)] = newValue }
    }

    /// What both know.
    func agreed(with other: State) -> State {
      var both = self
      for register in registers.indices where registers[register] != other.registers[register] {
        both.registers[register] = nil
      }
      both.stack = stack.filter { other.stack[$0.key] == $0.value }
      return both
    }
  }

  /// Registers of a call's arguments, in their order, and all that a call may change.
  private static let arguments: [Register] = [.rdi, .rsi, .rdx, .rcx, .r8, .r9]
  private static let scratch: [Register] = arguments + [.rax, .r10, .r11]

  /// - Parameter names: those of the function that begins at an address.
  init(_ types: FunctionPrototypes, names: @escaping (UInt64) -> [String]) {
    (self.types, self.names) = (types, names)
  }

  /// The slots that pointers to functions are loaded from, by the address of the load.
  func slots(_ instructions: [Instruction]) -> [UInt64: OperationSlot] {
    guard let first = instructions.first else { return [:] }
    let places = Dictionary(
      instructions.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
    var before: [Int: State] = [0: entry(first.address)]
    var pending = [0]
    var steps = instructions.count * 16
    while let start = pending.popLast(), var state = before[start] {
      var place = start
      while place < instructions.count, steps > 0 {
        steps -= 1
        let instruction = instructions[place]
        if case .jump(let target, let isConditional) = instruction.operation {
          if case .address(let address) = target, let inside = places[address] {
            meet(state, at: inside, &before, &pending)
          }
          if !isConditional { break }
        }
        if case .returns = instruction.operation { break }
        apply(instruction, to: &state)
        place += 1
        if let known = before[place] {
          if known.agreed(with: state) == known { break }
          meet(state, at: place, &before, &pending)
          break
        }
        before[place] = state
      }
    }
    return found(instructions, before)
  }

  private func meet(
    _ state: State, at place: Int, _ before: inout [Int: State], _ pending: inout [Int]
  ) {
    guard let known = before[place] else {
      before[place] = state
      pending.append(place)
      return
    }
    let both = known.agreed(with: state)
    guard both != known else { return }
    before[place] = both
    pending.append(place)
  }

  private func found(
    _ instructions: [Instruction], _ before: [Int: State]
  ) -> [UInt64: OperationSlot] {
    var found: [UInt64: OperationSlot] = [:]
    for (place, instruction) in instructions.enumerated() {
      guard let state = before[place], let (base, displacement) = instruction.loadedFrom,
        let pointer = state[base],
        let slot = btf.slot(in: pointer.structure, at: pointer.offset &+ displacement)
      else { continue }
      found[instruction.address] = slot
    }
    return found
  }

  /// The parameters, as long as each takes one register.
  private func entry(_ address: UInt64) -> State {
    var state = State()
    guard let type = prototype(address) else { return state }
    for (register, parameter) in zip(PointerTypes.arguments, btf.parameters(type)) {
      guard btf.isScalar(parameter) else { break }
      state[register] = pointer(parameter)
    }
    return state
  }

  private func prototype(_ function: UInt64) -> BTFType? {
    names(function).lazy.compactMap { types.prototypes[$0] }.first
  }

  /// What a value of a type points to, if that is a structure.
  private func pointer(_ type: BTFType) -> Pointer? {
    let resolved = btf.resolved(type)
    guard btf.kind(resolved) == .pointer else { return nil }
    let target = btf.resolved(btf.target(resolved))
    return btf.kind(target) == .structure ? Pointer(structure: target) : nil
  }

  private func apply(_ instruction: Instruction, to state: inout State) {
    var result: (Register, Pointer?)?
    switch instruction.operation {
    case .move(let into, let from): result = (into, state[from])
    case .load(let into, .rsp, let displacement): result = (into, state.stack[displacement])
    case .load(let into, let base, let displacement):
      let member = state[base].flatMap {
        btf.pointer(in: $0.structure, at: $0.offset &+ displacement)
      }
      result = (into, member.flatMap(pointer))
    case .address(let into, let base, let displacement):
      let moved = state[base].map {
        Pointer(structure: $0.structure, offset: $0.offset &+ displacement)
      }
      result = (into, moved)
    case .store(.rsp, let displacement, let from): state.stack[displacement] = state[from]
    case .call(.address(let address)) where names(address).contains(where: Thunks.isNoCall):
      return
    case .call(let target):
      for register in PointerTypes.scratch { state[register] = nil }
      if case .address(let address) = target {
        result = (.rax, prototype(address).flatMap { pointer(btf.target($0)) })
      }
    default: break
    }
    for register in instruction.changes {
      state[register] = nil
      if register == .rsp, !instruction.isCall { state.stack = [:] }
    }
    if let (register, pointer) = result { state[register] = pointer }
  }
}

/// Types, and those of functions by name.
struct FunctionPrototypes: Sendable {
  let btf: BTF
  let prototypes: [String: BTFType]

  init(_ btf: BTF) {
    self.btf = btf
    prototypes = btf.prototypesByFunction()
  }
}

extension Instruction {
  fileprivate var isCall: Bool {
    if case .call = operation { true } else { false }
  }

  /// Where the instruction loads eight bytes from, or finds the function it calls.
  fileprivate var loadedFrom: (Register, Int64)? {
    switch operation {
    case .load(_, let base, let displacement): (base, displacement)
    case .call(.memory(let base, let displacement)): (base, displacement)
    case .jump(.memory(let base, let displacement), _): (base, displacement)
    default: nil
    }
  }
}
