internal import CCapstone
internal import Profiler

/// Decodes x86-64 code; owns capstone's handle.
final class Disassembler {
  private let capstone: Capstone
  private var handle: csh = 0

  init() throws(SymbolError) {
    capstone = try Capstone.loaded.get()
    let code = capstone.open(CS_ARCH_X86, CS_MODE_64, &handle)
    guard code == CS_ERR_OK else {
      throw SymbolError("capstone: \(capstone.message(code).map { String(cString: $0) } ?? "")")
    }
    _ = capstone.option(handle, CS_OPT_DETAIL, Int(CS_OPT_ON.rawValue))
  }

  deinit { _ = capstone.close(&handle) }

  /// The instructions that begin in `bytes`, as far as they can be decoded.
  func decode(_ bytes: RawSpan, at start: UInt64) -> [Instruction] {
    guard let instruction = capstone.allocate(handle) else { return [] }
    defer { capstone.free(instruction, 1) }
    // SAFETY: capstone reads inside the length it is given and keeps no pointer beyond the call.
    return bytes.withUnsafeBytes { buffer in
      var found: [Instruction] = []
      var code = buffer.bindMemory(to: UInt8.self).baseAddress
      var (left, address) = (buffer.count, start)
      while left > 0, capstone.decode(handle, &code, &left, &address, instruction) {
        found.append(Disassembler.instruction(instruction.pointee))
      }
      return found
    }
  }

  private static func instruction(_ decoded: cs_insn) -> Instruction {
    // SAFETY: with CS_OPT_DETAIL on, capstone fills the detail of every decoded instruction.
    let detail = decoded.detail.pointee
    let operands = withUnsafeBytes(of: detail.x86.operands) {
      Array($0.bindMemory(to: cs_x86_op.self).prefix(Int(detail.x86.op_count)))
    }
    let end = decoded.address &+ UInt64(decoded.size)
    return Instruction(
      address: decoded.address, length: Int(decoded.size),
      operation: operation(decoded, detail, operands, end: end),
      changes: changes(detail, operands))
  }

  private static func operation(
    _ decoded: cs_insn, _ detail: cs_detail, _ operands: [cs_x86_op], end: UInt64
  ) -> Instruction.Operation {
    let groups = withUnsafeBytes(of: detail.groups) { $0.prefix(Int(detail.groups_count)) }
    func isIn(_ group: cs_group_type) -> Bool { groups.contains(UInt8(group.rawValue)) }
    if isIn(CS_GRP_RET) || isIn(CS_GRP_IRET) { return .returns }
    if isIn(CS_GRP_CALL) { return .call(target(operands.first, end)) }
    if isIn(CS_GRP_JUMP) {
      let isConditional = decoded.id != X86_INS_JMP.rawValue
      return .jump(target(operands.first, end), isConditional: isConditional)
    }
    switch decoded.id {
    case X86_INS_MOV.rawValue, X86_INS_MOVABS.rawValue: return move(operands, end)
    case X86_INS_LEA.rawValue: return effectiveAddress(operands, end)
    case X86_INS_CMP.rawValue: return comparison(operands)
    default: return .other
    }
  }

  private static func target(_ operand: cs_x86_op?, _ end: UInt64) -> Instruction.Target {
    guard let operand else { return .unknown }
    switch operand.type {
    case X86_OP_IMM: return .address(UInt64(bitPattern: operand.imm))
    case X86_OP_REG: return Register(operand.reg).map { .register($0) } ?? .unknown
    case X86_OP_MEM:
      if let table = table(operand.mem) { return .table(table) }
      guard let base = Register(operand.mem.base) else { return .unknown }
      return .memory(base, displacement: operand.mem.disp)
    default: return .unknown
    }
  }

  /// Of `table(,index,8)`.
  private static func table(_ memory: x86_op_mem) -> UInt64? {
    guard memory.segment == X86_REG_INVALID, memory.base == X86_REG_INVALID,
      memory.index != X86_REG_INVALID, memory.scale == 8
    else { return nil }
    return UInt64(bitPattern: memory.disp)
  }

  private static func move(_ operands: [cs_x86_op], _ end: UInt64) -> Instruction.Operation {
    guard operands.count == 2, operands[0].size == 8 else { return .other }
    guard operands[0].type == X86_OP_REG, let into = Register(operands[0].reg) else {
      return store(operands)
    }
    let source = operands[1]
    switch source.type {
    case X86_OP_IMM: return .constant(into: into, UInt64(bitPattern: source.imm))
    case X86_OP_REG: return Register(source.reg).map { .move(into: into, from: $0) } ?? .other
    case X86_OP_MEM:
      if let table = table(source.mem) { return .loadFixed(into: into, from: table) }
      guard let base = Register(source.mem.base), source.mem.index == X86_REG_INVALID,
        source.mem.segment == X86_REG_INVALID
      else { return .other }
      return .load(into: into, base: base, displacement: source.mem.disp)
    default: return .other
    }
  }

  private static func store(_ operands: [cs_x86_op]) -> Instruction.Operation {
    let (target, source) = (operands[0], operands[1])
    guard target.type == X86_OP_MEM, source.type == X86_OP_REG, let from = Register(source.reg),
      let base = Register(target.mem.base), target.mem.index == X86_REG_INVALID,
      target.mem.segment == X86_REG_INVALID
    else { return .other }
    return .store(base: base, displacement: target.mem.disp, from: from)
  }

  private static func effectiveAddress(
    _ operands: [cs_x86_op], _ end: UInt64
  ) -> Instruction.Operation {
    guard operands.count == 2, let into = Register(operands[0].reg),
      operands[1].mem.index == X86_REG_INVALID
    else { return .other }
    let displacement = operands[1].mem.disp
    if operands[1].mem.base == X86_REG_RIP {
      return .constant(into: into, end &+ UInt64(bitPattern: displacement))
    }
    guard let base = Register(operands[1].mem.base) else { return .other }
    return .address(into: into, base: base, displacement: displacement)
  }

  private static func comparison(_ operands: [cs_x86_op]) -> Instruction.Operation {
    guard operands.count == 2, operands[0].type == X86_OP_REG, operands[0].size == 8,
      let register = Register(operands[0].reg)
    else { return .other }
    switch operands[1].type {
    case X86_OP_IMM: return .compare(register, with: UInt64(bitPattern: operands[1].imm))
    case X86_OP_REG:
      return Register(operands[1].reg).map { .compareRegisters(register, $0) } ?? .other
    default: return .other
    }
  }

  private static func changes(_ detail: cs_detail, _ operands: [cs_x86_op]) -> [Register] {
    let written = UInt8(CS_AC_WRITE.rawValue)
    var found = operands.compactMap { operand in
      operand.type == X86_OP_REG && operand.access & written != 0 ? Register(operand.reg) : nil
    }
    let implicit = withUnsafeBytes(of: detail.regs_write) {
      Array($0.bindMemory(to: UInt16.self).prefix(Int(detail.regs_write_count)))
    }
    found += implicit.compactMap { Register(x86_reg(UInt32($0))) }
    return found
  }
}

extension Register {
  /// The register that one of capstone's is, or is a part of.
  fileprivate init?(_ register: x86_reg) {
    guard let found = Register.parts[register.rawValue] else { return nil }
    self = found
  }

  private static let parts: [UInt32: Register] = {
    let rows: [(Register, [x86_reg])] = [
      (.rax, [X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH]),
      (.rbx, [X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH]),
      (.rcx, [X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH]),
      (.rdx, [X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH]),
      (.rsi, [X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL]),
      (.rdi, [X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL]),
      (.rbp, [X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL]),
      (.rsp, [X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL]),
      (.r8, [X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B]),
      (.r9, [X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B]),
      (.r10, [X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B]),
      (.r11, [X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B]),
      (.r12, [X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B]),
      (.r13, [X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B]),
      (.r14, [X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B]),
      (.r15, [X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B]),
    ]
    return Dictionary(
      uniqueKeysWithValues: rows.flatMap { row in row.1.map { ($0.rawValue, row.0) } })
  }()
}
