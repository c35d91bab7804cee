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
    wordSize: 4, addressMask: 0xffff_ffff)

  /// x0…x30, sp. The return address is x30.
  private static let arm64 = MachineRegisters(
    perf: Array(0...31), instructionPointer: 32, stackPointer: 31, framePointer: 29, wordSize: 8,
    addressMask: 0xffff_ffff_ffff)
}
