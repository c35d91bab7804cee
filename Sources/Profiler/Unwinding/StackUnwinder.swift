/// Follows the callers of a sample through the copy of its user stack, by the call frame information
/// of the mapped files.
///
/// What libdw says of an address is asked once; per frame it costs a lookup and two or three loads
/// from the recorded stack:
///
///     CFA = register + offset      return address at CFA − 8      callee's registers at CFA − n
///
/// Code without call frame information, generated at run time for example, is followed by its frame
/// pointers as long as these point up the stack to code that is mapped.
struct StackUnwinder {
  /// The addresses found last, leaf first. Callers' are one byte before where the call returns to,
  /// so that all of them lie in the instruction that runs.
  private(set) var addresses: [UInt64] = []

  private let machine: String?
  private var rows: [Row] = []
  private var rules: [Rule] = []
  private var expressions: [[FrameOperation]] = []
  private var evaluator = FrameMachine()
  /// Rows by address, of the space entered last and of the others; see ``Answer``.
  private var inSpace = IntegerMap()
  private var inSpaces: [IntegerMap] = []
  private var space = -1
  /// Rows by the file's address, of each file.
  private var inFiles: [IntegerMap] = []
  private var registers = RegisterValues()

  /// Stacks are not followed further: longer than any that a recorded stack of 64 KiB holds sensibly.
  private static let mostFrames = 2048

  /// What is remembered of an address instead of a row.
  private enum Answer {
    /// Mapped, without call frame information.
    static let framePointer: UInt32 = 0
    /// Nothing is mapped there.
    static let unmapped: UInt32 = 1
    /// The first of ``rows``.
    static let firstRow: UInt32 = 2
  }

  /// As ``CallFrameRow``, its parts in tables.
  private struct Row {
    let cfa: Rule
    let rules: Range<Int>
    let kept: UInt64
    let returnRegister: Int
    let isSignalFrame: Bool
  }

  private struct Rule {
    let kind: CallFrameRule.Kind
    let register: UInt8
    let source: UInt8
    let offset: UInt64
    let expression: Int
  }

  /// - Parameter machine: of the recording, as `uname -m` says.
  init(machine: String?) { self.machine = machine }

  /// Whether stacks like a sample's can be followed: of machines whose registers are known here, all of
  /// them with the least byte first.
  ///
  /// - Parameter machine: as `uname -m` says.
  static func follows(_ tail: SampleTail, ofMachine machine: String?, swapped: Bool) -> Bool {
    guard !swapped, let registers = tail.userRegisters else { return false }
    return MachineRegisters.of(machine, abi: registers.abi) != nil
  }

  /// Says whose address space the next stacks are of.
  mutating func enter(row: Int) {
    guard row != space else { return }
    while inSpaces.count <= row { inSpaces.append(IntegerMap()) }
    if space >= 0 { swap(&inSpace, &inSpaces[space]) }
    swap(&inSpace, &inSpaces[row])
    space = row
  }

  /// Unwinds a sample into ``addresses``.
  ///
  /// - Parameters:
  ///   - tail: the sample's fields behind its call chain.
  ///   - bytes: what `tail` counts in.
  ///   - mask: which registers were recorded.
  ///   - locations: knows what is mapped.
  mutating func unwind(
    _ tail: SampleTail, in bytes: RawSpan, mask: UInt64, swapped: Bool,
    _ locations: inout LocationResolver
  ) {
    addresses.removeAll(keepingCapacity: true)
    guard let recorded = tail.userRegisters, let stack = tail.userStack, !stack.isEmpty, !swapped,
      let machine = MachineRegisters.of(machine, abi: recorded.abi)
    else { return }
    registers = RegisterValues()
    func value(_ number: Int) -> UInt64? {
      guard mask >> UInt64(number) & 1 == 1 else { return nil }
      let place = (mask & (1 << UInt64(number) &- 1)).nonzeroBitCount  // number < 64
      guard place * 8 + 8 <= recorded.words.count else { return nil }
      return bytes.load(
        UInt64.self, at: recorded.words.lowerBound + 8 * place, swapped: false)
    }
    for (register, number) in machine.perf.enumerated() { registers[register] = value(number) }
    guard let start = value(machine.instructionPointer), let top = registers[machine.stackPointer]
    else { return }
    follow(
      RecordedStack(bytes: bytes.extracting(stack), start: top, machine), from: start, machine,
      &locations)
  }

  private mutating func follow(
    _ stack: RecordedStack, from start: UInt64, _ machine: MachineRegisters,
    _ locations: inout LocationResolver
  ) {
    var place = start
    var last = registers[machine.stackPointer]
    addresses.append(place)
    while addresses.count < StackUnwinder.mostFrames {
      let answer = answer(at: place, &locations)
      guard answer != Answer.unmapped else { return }
      var isSignalFrame = false
      let caller: UInt64?
      if answer != Answer.framePointer {
        let row = rows[Int(answer - Answer.firstRow)]
        isSignalFrame = row.isSignalFrame
        caller = step(row, stack, machine)
      } else if addresses.count > 1, let stopped = leaveSignalFrame(stack, machine) {
        isSignalFrame = true
        caller = stopped
      } else {
        caller = followFramePointer(stack, machine, &locations)
      }
      // The kernel made it look like a caller: nothing calls there.
      if isSignalFrame, addresses.count > 1 { addresses[addresses.count - 1] = place &+ 1 }
      guard let address = caller.map({ $0 & machine.addressMask }), address != 0 else { return }
      let top = registers[machine.stackPointer]
      // Neither address nor stack moved: it would go on for ever.
      guard top != last || address != place && address != place &+ 1 else { return }
      last = top
      // A stopped frame's address is exact.
      place = isSignalFrame ? address : address &- 1
      addresses.append(place)
    }
  }

  /// - Returns: the address that the caller goes on at, if it can be known.
  private mutating func step(
    _ row: Row, _ stack: RecordedStack, _ machine: MachineRegisters
  ) -> UInt64? {
    guard let cfa = value(row.cfa, cfa: 0, stack) else { return nil }
    var next = registers
    next.keep(row.kept)
    next[machine.stackPointer] = cfa
    for rule in rules[row.rules] {
      next[Int(rule.register)] = value(rule, cfa: cfa, stack)
    }
    registers = next
    // x86's return address is a column of its own; elsewhere a leaf's is still in its register.
    return registers[row.returnRegister]
  }

  @inline(__always)
  private mutating func value(
    _ rule: Rule, cfa: UInt64, _ stack: RecordedStack
  ) -> UInt64? {
    switch rule.kind {
    case .register: return registers[Int(rule.source)].map { $0 &+ rule.offset }
    case .inFrame: return stack.word(at: cfa &+ rule.offset)
    case .frameAddress: return cfa &+ rule.offset
    case .inMemory: return evaluate(rule, cfa, stack).flatMap { stack.word(at: $0) }
    case .computed: return evaluate(rule, cfa, stack)
    }
  }

  private mutating func evaluate(
    _ rule: Rule, _ cfa: UInt64, _ stack: RecordedStack
  ) -> UInt64? {
    let registers = registers
    return evaluator.run(expressions[rule.expression], cfa: cfa, stack: stack) { registers[$0] }
  }

  /// Where a signal handler returns to code without call frame information, a 32-bit vdso that is not
  /// at hand: the registers of the function that it stopped.
  ///
  /// - Returns: where that function goes on.
  private mutating func leaveSignalFrame(
    _ stack: RecordedStack, _ machine: MachineRegisters
  ) -> UInt64? {
    guard let format = machine.signalFrame, let top = registers[machine.stackPointer],
      let context = format.context(above: top, stack)
    else { return nil }
    registers = RegisterValues()
    for (register, offset) in format.registers.enumerated() {
      registers[register] = stack.word(at: context &+ offset)
    }
    return registers[format.registers.count - 1]
  }

  /// By the frame pointer: the caller's stands where it points to, the return address above.
  private mutating func followFramePointer(
    _ stack: RecordedStack, _ machine: MachineRegisters, _ locations: inout LocationResolver
  ) -> UInt64? {
    let word = UInt64(machine.wordSize)
    guard let frame = registers[machine.framePointer],
      let outer = stack.word(at: frame), let address = stack.word(at: frame &+ word),
      outer == 0 || outer > frame, address != 0,
      answer(at: (address & machine.addressMask) &- 1, &locations) != Answer.unmapped
    else { return nil }
    registers = RegisterValues()
    registers[machine.framePointer] = outer
    registers[machine.stackPointer] = frame &+ 2 &* word
    return address
  }

  private mutating func answer(
    at address: UInt64, _ locations: inout LocationResolver
  ) -> UInt32 {
    if let known = inSpace.row(of: address) { return known }
    let answer = ask(address, &locations)
    inSpace.insert(address, answer)
    return answer
  }

  private mutating func ask(_ address: UInt64, _ locations: inout LocationResolver) -> UInt32 {
    guard let place = locations.place(of: address) else { return Answer.unmapped }
    guard let callFrames = place.image?.callFrames else { return Answer.framePointer }
    while inFiles.count <= place.file { inFiles.append(IntegerMap()) }
    if let known = inFiles[place.file].row(of: place.address) { return known }
    let answer = callFrames.row(at: place.address).map { add($0) } ?? Answer.framePointer
    inFiles[place.file].insert(place.address, answer)
    return answer
  }

  private mutating func add(_ row: CallFrameRow) -> UInt32 {
    let first = rules.count
    for rule in row.rules { rules.append(flat(rule)) }
    rows.append(
      Row(
        cfa: flat(row.cfa), rules: first..<rules.count, kept: row.kept,
        returnRegister: Int(row.returnRegister), isSignalFrame: row.isSignalFrame))
    return Answer.firstRow + UInt32(rows.count - 1)
  }

  private mutating func flat(_ rule: CallFrameRule) -> Rule {
    if !rule.operations.isEmpty { expressions.append(rule.operations) }
    return Rule(
      kind: rule.kind, register: rule.register, source: rule.source, offset: rule.offset,
      expression: expressions.count - 1)
  }
}

/// The values of a thread's registers by DWARF's numbers, as far as they are known.
private struct RegisterValues {
  private var values = InlineArray<64, UInt64>(repeating: 0)
  private var known: UInt64 = 0

  subscript(_ register: Int) -> UInt64? {
    get { known >> UInt64(register) & 1 == 1 ? values[register & 63] : nil }
    set {
      guard register < 64 else { return }
      let bit = UInt64(1) << UInt64(register)
      guard let newValue else { return known &= ~bit }
      values[register] = newValue
      known |= bit
    }
  }

  /// Forgets all but some.
  mutating func keep(_ mask: UInt64) { known &= mask }
}

/// The copy of a thread's stack.
struct RecordedStack: ~Escapable {
  private let bytes: RawSpan
  /// Address of its first byte: the stack pointer.
  private let start: UInt64
  private let isNarrow: Bool

  @_lifetime(copy bytes)
  init(bytes: RawSpan, start: UInt64, _ machine: MachineRegisters) {
    self.bytes = bytes
    self.start = start
    isNarrow = machine.wordSize == 4
  }

  /// The word at an address, if it was recorded.
  func word(at address: UInt64) -> UInt64? {
    let size = isNarrow ? 4 : 8
    // Addresses below the start wrap and are too large.
    let offset = address &- start
    guard bytes.byteCount >= size, offset <= UInt64(bytes.byteCount - size) else { return nil }
    if isNarrow { return UInt64(bytes.load(UInt32.self, at: Int(offset), swapped: false)) }
    return bytes.load(UInt64.self, at: Int(offset), swapped: false)
  }
}
