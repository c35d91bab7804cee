internal import CElfutils

/// Which of perf's registers is which of DWARF's, for one kind of machine.
///
/// Source: `arch/*/include/uapi/asm/perf_regs.h` (Linux 6.12); the psABIs of i386, x86-64 and AArch64.
struct MachineRegisters: Sendable {
  /// perf's number of each of DWARF's registers.
  let perf: [Int]
  /// perf's number of the instruction pointer.
  let instructionPointer: Int
  /// DWARF's numbers.
  let stackPointer: Int
  let framePointer: Int
  let wordSize: Int
  /// What of a word is an address: pointer authentication puts a code above it.
  let addressMask: UInt64
  /// What the kernel puts on the stack for a signal handler, where that can be told without knowing
  /// the code that the handler returns to.
  var signalFrame: SignalFrame?

  /// - Parameters:
  ///   - machine: as `uname -m` says; nil where the recording doesn't.
  ///   - abi: `PERF_SAMPLE_REGS_ABI_*`.
  /// - Returns: nil for a machine that isn't known here.
  static func of(_ machine: String?, abi: UInt64) -> MachineRegisters? {
    switch (machine ?? "x86_64", abi) {
    case ("x86_64", 2): x86
    case ("x86_64", 1), ("i386", _), ("i486", _), ("i586", _), ("i686", _): i386
    case ("aarch64", 2): arm64
    default: nil
    }
  }

  /// How many registers call frame information of an ELF machine is asked for.
  static func count(ofMachine machine: UInt16) -> Int {
    switch Int32(machine) {
    case EM_X86_64: x86.perf.count
    case EM_386: i386.perf.count
    case EM_AARCH64: arm64.perf.count
    default: 0
    }
  }

  /// rax rdx rcx rbx rsi rdi rbp rsp r8…r15, return address.
  private static let x86 = MachineRegisters(
    perf: [0, 3, 2, 1, 4, 5, 6, 7] + Array(16...23) + [8], instructionPointer: 8, stackPointer: 7,
    framePointer: 6, wordSize: 8, addressMask: .max)

  /// eax ecx edx ebx esp ebp esi edi, return address.
  private static let i386 = MachineRegisters(
    perf: [0, 2, 3, 1, 7, 6, 4, 5, 8], instructionPointer: 8, stackPointer: 4, framePointer: 5,
    wordSize: 4, addressMask: 0xffff_ffff, signalFrame: SignalFrame())

  /// x0…x30, sp. The return address is x30.
  private static let arm64 = MachineRegisters(
    perf: Array(0...31), instructionPointer: 32, stackPointer: 31, framePointer: 29, wordSize: 8,
    addressMask: 0xffff_ffff_ffff)
}

/// The frame that the kernel builds for a signal handler of a 32-bit x86 program.
///
/// A handler returns into the vdso with the stack pointer at its first argument:
///
///     plain        signal │ sigcontext …
///     SA_SIGINFO   signal  &siginfo  &ucontext │ siginfo │ ucontext: flags link stack │ sigcontext …
///
/// Source: `struct sigframe_ia32` and `rt_sigframe_ia32` in `arch/x86/include/asm/sigframe.h`,
/// `struct sigcontext_32` in `arch/x86/include/uapi/asm/sigcontext.h` (Linux 6.12).
struct SignalFrame: Sendable {
  /// Where in `sigcontext_32` each of DWARF's registers is: eax ecx edx ebx esp ebp esi edi eip.
  let registers: [UInt64] = [44, 40, 36, 32, 28, 24, 20, 16, 56]

  /// Segments that user mode runs with: a 64-bit kernel's and a 32-bit kernel's.
  private static let codeSegments: Set<UInt64> = [0x23, 0x73]
  private static let stackSegments: Set<UInt64> = [0x2b, 0x7b]

  /// Where the registers are, if a handler returns with this stack pointer.
  func context(above top: UInt64, _ stack: borrowing RecordedStack) -> UInt64? {
    let isQueued = stack.word(at: top &+ 4) == top &+ 12 && stack.word(at: top &+ 8) == top &+ 140
    let context = top &+ (isQueued ? 160 : 4)
    guard let code = stack.word(at: context &+ 60), let data = stack.word(at: context &+ 72),
      SignalFrame.codeSegments.contains(code & 0xffff),
      SignalFrame.stackSegments.contains(data & 0xffff)
    else { return nil }
    return context
  }
}
