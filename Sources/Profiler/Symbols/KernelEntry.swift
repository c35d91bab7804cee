/// What names say about kernel code: entry and exit code, and where an application part of a call
/// chain may join.
public enum KernelEntry {
  /// Entry and exit code of system calls, interrupts and exceptions, and UKL's mode switches.
  ///
  /// Source: `arch/x86/entry/`, `kernel/entry/common.c`, `arch/arm64/kernel/entry*`, UKL's patches.
  static func isTransition(_ symbol: String) -> Bool {
    exact.contains(plain(symbol)) || prefixes.contains { symbol.hasPrefix($0) }
  }

  /// Whether call chains may end at this function although it was called: the jump of an indirect
  /// call on a kernel with retpolines, which the ORC unwinder can't look behind.
  ///
  /// Source: `UNWIND_HINT_UNDEFINED` (before 6.4 `UNWIND_HINT_EMPTY`) in `arch/x86/lib/retpoline.S`.
  /// The first of the thunks shares its address with the marks around it.
  public static func losesCaller(_ symbol: String) -> Bool {
    symbol.hasPrefix("__x86_indirect_") || symbol == "__static_call_text_end"
      || symbol == "__indirect_thunk_start"
  }

  /// Whether the CPU came here by an interrupt or an exception, not by a system call.
  public static func isInterruptEntry(_ symbol: String) -> Bool {
    symbol.hasPrefix("asm_") && !systemCallEntries.contains(symbol)
  }

  /// A symbol without the suffixes of gcc's clones: `syscall_trace_enter.constprop.0`.
  public static func plain(_ symbol: String) -> String {
    symbol.utf8.firstIndex(of: UInt8(ascii: ".")).map { String(symbol[..<$0]) } ?? symbol
  }

  /// Whether this outermost kernel frame entered from the application, by a system call, an
  /// interrupt or an exception, so that the recorded application part is what called it. Behind any
  /// other frame (a kernel function called directly after a mode switch) the application part is
  /// left over from the last real entry.
  static func joinsApplication(_ symbol: String) -> Bool {
    symbol.hasPrefix("asm_") || symbol.hasPrefix("ret_from_fork")
      || symbol.hasPrefix("el0") || systemCallEntries.contains(plain(symbol))
  }

  /// Whether a system call enters the kernel at this function.
  public static func isSystemCallEntry(_ symbol: String) -> Bool {
    systemCallEntries.contains(plain(symbol))
  }

  /// Where system calls enter the kernel, UKL's entry first.
  static let systemCallEntries: Set<String> = [
    "ukl_entry_SYSCALL_64", "entry_SYSCALL_64", "entry_SYSCALL_64_after_hwframe",
    "entry_SYSCALL_64_safe_stack", "entry_SYSCALL_compat", "entry_SYSCALL_compat_after_hwframe",
    "entry_SYSENTER_compat", "entry_SYSENTER_compat_after_hwframe", "entry_INT80_compat",
    "asm_int80_emulation", "int80_emulation", "do_int80_emulation", "asm_fred_entrypoint_user",
    "fred_entry_from_user", "fred_other", "do_syscall_64", "x64_sys_call", "x32_sys_call",
    "ia32_sys_call", "do_fast_syscall_32", "__do_fast_syscall_32", "el0t_64_sync", "el0_svc",
    "do_el0_svc", "el0_svc_common", "invoke_syscall",
  ]

  /// Leaving and entering application mode, in both versions of the patch set.
  static let modeSwitches: Set<String> = [
    "exit_user", "enter_user", "enter_ukl_kernel", "enter_ukl_user",
  ]

  private static let exact: Set<String> = systemCallEntries.union(modeSwitches).union([
    "exit_to_user_mode_prepare", "syscall_exit_work", "clear_bhb_loop", "entry_ibpb",
    "entry_untrain_ret", "srso_alias_untrain_ret", "srso_untrain_ret", "retbleed_untrain_ret",
    "write_ibpb", "exit_to_user_mode_loop", "exit_to_user_mode",
    "enter_from_user_mode", "syscall_trace_enter", "syscall_return_via_sysret",
    "syscall_return_slowpath", "swapgs_restore_regs_and_return_to_usermode",
    "common_interrupt_return", "fpregs_assert_state_consistent", "switch_fpu_return",
    "irqentry_enter_from_user_mode", "irqentry_exit_to_user_mode", "error_entry", "error_return",
    "paranoid_entry", "paranoid_exit", "irqentry_enter", "irqentry_exit", "irqentry_nmi_enter",
    "irqentry_nmi_exit", "sync_regs", "native_irq_return_iret", "restore_regs_and_return_to_kernel",
    "syscall_user_dispatch", "ct_user_enter", "ct_user_exit", "restore_fpregs_from_fpstate",
    "zen_untrain_ret",
  ])

  private static let prefixes = [
    "entry_SYSRETQ", "asm_", "ret_from_fork", "syscall_enter_from_user_mode",
    "syscall_exit_to_user_mode", "__syscall_enter_from_user", "__syscall_exit_to_user", "el0",
  ]
}
