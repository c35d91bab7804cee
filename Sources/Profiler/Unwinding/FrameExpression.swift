internal import CElfutils

/// DWARF's operations by their number; libdw's header has them as plain integers.
private func isAtom(_ atom: UInt8, _ wanted: Int) -> Bool { Int(atom) == wanted }

extension CallFrameRule {
  /// - Parameter operations: an expression for the canonical frame address.
  init?(cfa operations: [FrameOperation]) {
    guard let first = operations.first else { return nil }
    if operations.count == 1, let (register, offset) = first.registerPlus {
      self.init(kind: .register, source: register, offset: offset)
    } else if operations.allSatisfy(\.isKnown) {
      self.init(kind: .computed, operations: operations)
    } else {
      return nil
    }
  }

  /// - Parameter operations: a location description of a register's value.
  init?(register: UInt8, _ operations: [FrameOperation]) {
    let isValue = operations.last.map { isAtom($0.atom, DW_OP_stack_value) } ?? false
    let steps = isValue ? Array(operations.dropLast()) : operations
    guard let first = steps.first else { return nil }
    if isAtom(first.atom, DW_OP_call_frame_cfa), steps.count == 1 {
      self.init(kind: isValue ? .frameAddress : .inFrame, register: register)
    } else if isAtom(first.atom, DW_OP_call_frame_cfa), steps.count == 2,
      isAtom(steps[1].atom, DW_OP_plus_uconst)
    {
      self.init(
        kind: isValue ? .frameAddress : .inFrame, register: register, offset: steps[1].number)
    } else if steps.count == 1, !isValue, let source = first.namedRegister {
      self.init(kind: .register, register: register, source: source)
    } else if steps.allSatisfy(\.isKnown) {
      self.init(kind: isValue ? .computed : .inMemory, register: register, operations: steps)
    } else {
      return nil
    }
  }
}

extension FrameOperation {
  /// `DW_OP_bregN`: a register and what is added to it.
  fileprivate var registerPlus: (register: UInt8, offset: UInt64)? {
    switch Int(atom) {
    case DW_OP_breg0...DW_OP_breg31: (atom - UInt8(DW_OP_breg0), number)
    case DW_OP_bregx: UInt8(exactly: number).map { ($0, number2) }
    default: nil
    }
  }

  /// `DW_OP_regN`.
  fileprivate var namedRegister: UInt8? {
    switch Int(atom) {
    case DW_OP_reg0...DW_OP_reg31: atom - UInt8(DW_OP_reg0)
    case DW_OP_regx: UInt8(exactly: number)
    default: nil
    }
  }

  /// What the operation pushes whatever lies on the stack.
  fileprivate var constant: UInt64? {
    switch Int(atom) {
    case DW_OP_lit0...DW_OP_lit31: UInt64(atom) - UInt64(DW_OP_lit0)
    case DW_OP_addr, DW_OP_const1u...DW_OP_consts: number
    default: nil
    }
  }

  /// Whether ``FrameMachine`` can do it; call frame information needs no jumps and no calls.
  fileprivate var isKnown: Bool {
    if constant != nil || registerPlus != nil { return true }
    switch Int(atom) {
    case DW_OP_call_frame_cfa, DW_OP_deref, DW_OP_dup, DW_OP_drop, DW_OP_over, DW_OP_swap,
      DW_OP_plus_uconst, DW_OP_neg, DW_OP_not, DW_OP_and, DW_OP_minus, DW_OP_mul, DW_OP_or,
      DW_OP_plus, DW_OP_shl, DW_OP_shr, DW_OP_shra, DW_OP_xor, DW_OP_eq, DW_OP_ge, DW_OP_gt,
      DW_OP_le, DW_OP_lt, DW_OP_ne, DW_OP_nop:
      return true
    default: return false
    }
  }
}

/// DWARF's stack machine, as far as call frame information uses it.
struct FrameMachine {
  private var stack: [UInt64] = []

  /// The value of an expression; nil where it reads what isn't there.
  ///
  /// - Parameters:
  ///   - recorded: the memory it may read.
  ///   - register: a register's value, if it is known.
  mutating func run(
    _ operations: [FrameOperation], cfa: UInt64, stack recorded: borrowing RecordedStack,
    register: (Int) -> UInt64?
  ) -> UInt64? {
    stack.removeAll(keepingCapacity: true)
    for operation in operations {
      guard let value = step(operation, cfa, recorded, register) else { return nil }
      stack.append(value)
    }
    return stack.last
  }

  /// Takes an operation's operands off the stack.
  ///
  /// - Returns: what it pushes; nil where that can't be known.
  private mutating func step(
    _ operation: FrameOperation, _ cfa: UInt64, _ recorded: borrowing RecordedStack,
    _ register: (Int) -> UInt64?
  ) -> UInt64? {
    if let constant = operation.constant { return constant }
    if let (number, offset) = operation.registerPlus {
      return register(Int(number)).map { $0 &+ offset }
    }
    if isAtom(operation.atom, DW_OP_call_frame_cfa) { return cfa }
    guard let top = stack.popLast() else { return nil }
    switch Int(operation.atom) {
    case DW_OP_nop: return top
    case DW_OP_deref: return recorded.word(at: top)
    case DW_OP_plus_uconst: return top &+ operation.number
    case DW_OP_neg: return 0 &- top
    case DW_OP_not: return ~top
    case DW_OP_dup:
      stack.append(top)
      return top
    case DW_OP_drop: return stack.popLast()
    default: break
    }
    guard let second = stack.popLast() else { return nil }
    switch Int(operation.atom) {
    case DW_OP_over:
      stack += [second, top]
      return second
    case DW_OP_swap:
      stack.append(top)
      return second
    default: return FrameMachine.binary(operation.atom, second, top)
    }
  }

  private static func binary(_ atom: UInt8, _ a: UInt64, _ b: UInt64) -> UInt64? {
    let (x, y) = (Int64(bitPattern: a), Int64(bitPattern: b))
    switch Int(atom) {
    case DW_OP_and: return a & b
    case DW_OP_or: return a | b
    case DW_OP_xor: return a ^ b
    case DW_OP_plus: return a &+ b
    case DW_OP_minus: return a &- b
    case DW_OP_mul: return a &* b
    case DW_OP_shl: return a << b
    case DW_OP_shr: return a >> b
    case DW_OP_shra: return UInt64(bitPattern: x >> y)
    case DW_OP_eq: return a == b ? 1 : 0
    case DW_OP_ne: return a != b ? 1 : 0
    case DW_OP_lt: return x < y ? 1 : 0
    case DW_OP_le: return x <= y ? 1 : 0
    case DW_OP_gt: return x > y ? 1 : 0
    case DW_OP_ge: return x >= y ? 1 : 0
    default: return nil
    }
  }
}
