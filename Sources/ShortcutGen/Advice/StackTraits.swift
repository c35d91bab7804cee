import Profiler

/// What a stack shows of the kernel's ways that UKL's options change.
struct StackTraits: OptionSet, Hashable {
  let rawValue: UInt16

  /// The sample lies in the return from an interrupt or a fault to the application.
  static let interruptReturn = StackTraits(rawValue: 1)
  /// A page fault of the application's code, or below it.
  static let pageFault = StackTraits(rawValue: 1 << 1)
  /// The sample lies in such a fault's entry or exit code.
  static let pageFaultEntry = StackTraits(rawValue: 1 << 2)
  /// In a double fault, by which UKL_PF_DF handles faults of the application's stack.
  static let doubleFault = StackTraits(rawValue: 1 << 3)
  /// The sample lies in the assembly at which system calls enter, where the stack is switched.
  static let entryAssembly = StackTraits(rawValue: 1 << 4)
  /// A page fault while the kernel copies to or from the application.
  static let copyFault = StackTraits(rawValue: 1 << 5)
  /// The scheduler at the exit of a system call.
  static let exitPreemption = StackTraits(rawValue: 1 << 6)
  /// The scheduler when an interrupt returns to the application.
  static let interruptPreemption = StackTraits(rawValue: 1 << 7)
  /// Finding a descriptor's file, its reference and its position's lock.
  static let descriptor = StackTraits(rawValue: 1 << 8)
  /// In fork, clone or execve.
  static let forkOrExec = StackTraits(rawValue: 1 << 9)
}

/// Tells the traits of stacks by the names of their frames.
struct StackTraitFinder {
  private let profile: ResolvedProfile
  private let kinds: [Kind]

  /// What a function says of a stack that it is on.
  private struct Kind: OptionSet {
    let rawValue: UInt16
    static let application = Kind(rawValue: 1)
    static let transition = Kind(rawValue: 1 << 1)
    static let interruptEntry = Kind(rawValue: 1 << 2)
    static let pageFault = Kind(rawValue: 1 << 3)
    static let doubleFault = Kind(rawValue: 1 << 4)
    static let interruptReturn = Kind(rawValue: 1 << 5)
    static let entryAssembly = Kind(rawValue: 1 << 6)
    static let copy = Kind(rawValue: 1 << 7)
    static let scheduler = Kind(rawValue: 1 << 8)
    static let descriptor = Kind(rawValue: 1 << 9)
    static let forkOrExec = Kind(rawValue: 1 << 10)
  }

  init(_ profile: ResolvedProfile) {
    self.profile = profile
    kinds = profile.functions.map(StackTraitFinder.kind)
  }

  private static func kind(_ function: Function) -> Kind {
    if function.origin == .application { return .application }
    guard function.origin == .kernel || function.origin == .transition else { return [] }
    let name = KernelEntry.plain(function.symbol)
    var kind: Kind = function.origin == .transition ? .transition : []
    if KernelEntry.isInterruptEntry(function.symbol) { kind.insert(.interruptEntry) }
    for (names, mark) in marks where names.contains(name) { kind.insert(mark) }
    if name.hasPrefix("entry_SYSCALL_") || name == "ukl_entry_SYSCALL_64" {
      kind.insert(.entryAssembly)
    }
    if copyPrefixes.contains(where: name.hasPrefix) { kind.insert(.copy) }
    if SystemCalls.implemented(by: function.symbol).map(forkCalls.contains) ?? false {
      kind.insert(.forkOrExec)
    }
    return kind
  }

  /// Sources: arch/x86/entry/entry_64.S, arch/x86/mm/fault.c, kernel/sched/core.c, fs/file.c,
  /// lib/iov_iter.c, mm/gup.c of Linux 6.1.
  private static let marks: [(Set<String>, Kind)] = [
    (["asm_exc_page_fault", "exc_page_fault"], .pageFault),
    (["asm_exc_double_fault", "exc_double_fault"], .doubleFault),
    (
      [
        "native_irq_return_iret", "common_interrupt_return", "restore_regs_and_return_to_kernel",
        "swapgs_restore_regs_and_return_to_usermode", "error_return", "paranoid_exit",
        "irqentry_exit_to_user_mode", "irqentry_exit",
      ], .interruptReturn
    ),
    (["schedule", "__schedule", "preempt_schedule_irq", "__sched_text_start"], .scheduler),
    (
      [
        "__fdget_pos", "__fdget", "__fdget_raw", "fdget_pos", "fdget", "fdget_raw", "__fget_light",
        "__fget_files", "__fget", "__f_unlock_pos", "sockfd_lookup_light",
      ], .descriptor
    ),
    (["kernel_clone", "do_execveat_common", "bprm_execve", "copy_process"], .forkOrExec),
    (["memcpy_to_iter", "memcpy_from_iter", "strncpy_from_user", "strnlen_user"], .copy),
  ]

  private static let copyPrefixes = [
    "copy_user_", "rep_movs_", "_copy_to_", "_copy_from_", "__copy_user_", "copy_page_to_iter",
    "copy_page_from_iter", "fault_in_", "raw_copy_", "__get_user_", "__put_user_", "csum_and_copy_",
    "copy_from_user", "copy_to_user", "clear_user_",
  ]

  private static let forkCalls: Set = ["fork", "vfork", "clone", "clone3", "execve", "execveat"]

  /// The traits of a stack.
  func traits(of stack: Int) -> StackTraits {
    let frames = profile.stacks[stack].map { kinds[profile.locations.function[$0.index].index] }
    var traits: StackTraits = []
    // The kernel part begins behind the last application frame.
    let outermost = (frames.lastIndex { $0.contains(.application) } ?? -1) + 1
    let kernel = frames[outermost...]
    guard let entry = kernel.first, let innermost = kernel.last else { return [] }
    let isInterrupt = entry.contains(.interruptEntry) && outermost > 0
    if isInterrupt, innermost.contains(.interruptReturn) { traits.insert(.interruptReturn) }
    if isInterrupt, entry.contains(.pageFault) {
      traits.insert(.pageFault)
      if innermost.contains(.transition) { traits.insert(.pageFaultEntry) }
    }
    if entry.contains(.doubleFault) { traits.insert(.doubleFault) }
    if innermost.contains(.entryAssembly) { traits.insert(.entryAssembly) }
    inside(kernel, isInterrupt: isInterrupt, &traits)
    return traits
  }

  private func inside(
    _ kernel: ArraySlice<Kind>, isInterrupt: Bool, _ traits: inout StackTraits
  ) {
    var (isCopying, isEntry, hasOwn) = (false, true, false)
    for kind in kernel {
      if kind.contains(.copy) { isCopying = true }
      if isCopying, kind.contains(.pageFault) { traits.insert(.copyFault) }
      if kind.contains(.scheduler), isEntry {
        traits.insert(isInterrupt ? .interruptPreemption : .exitPreemption)
      }
      // A descriptor is looked up before the call's work; within an interrupt it isn't the call's.
      if kind.contains(.descriptor), !isInterrupt { hasOwn = true }
      if kind.contains(.interruptEntry), !isEntry { break }
      if kind.contains(.forkOrExec) { traits.insert(.forkOrExec) }
      if !kind.contains(.transition) { isEntry = false }
    }
    if hasOwn { traits.insert(.descriptor) }
  }
}
