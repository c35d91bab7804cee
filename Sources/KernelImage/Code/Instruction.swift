/// A general-purpose register of x86-64, whatever part of it an instruction uses.
enum Register: UInt8, Sendable {
  case rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15
}

/// What of an instruction matters to who calls whom.
struct Instruction: Sendable, Equatable {
  /// Where a call or jump goes.
  enum Target: Sendable, Equatable {
    case address(UInt64)
    case register(Register)
    /// What the pointer at `displacement` from a register's value leads to.
    case memory(Register, displacement: Int64)
    /// What a pointer at a fixed place, or one of a table that begins there, leads to.
    case table(UInt64)
    case unknown
  }

  enum Operation: Sendable, Equatable {
    case call(Target)
    case jump(Target, isConditional: Bool)
    case returns
    /// `mov displacement(base), into`.
    case load(into: Register, base: Register, displacement: Int64)
    /// `mov table(,index,8), into`.
    case loadFixed(into: Register, from: UInt64)
    case move(into: Register, from: Register)
    /// `lea displacement(base), into`.
    case address(into: Register, base: Register, displacement: Int64)
    /// `mov from, displacement(base)`.
    case store(base: Register, displacement: Int64, from: Register)
    /// `mov $value, into`.
    case constant(into: Register, UInt64)
    /// `cmp $value, register`.
    case compare(Register, with: UInt64)
    case compareRegisters(Register, Register)
    case other
  }

  /// Where it stands.
  let address: UInt64
  /// In bytes.
  let length: Int
  let operation: Operation
  /// The registers it changes.
  let changes: [Register]

  /// Where the next one stands: a call's return address.
  var end: UInt64 { address &+ UInt64(length) }
}
