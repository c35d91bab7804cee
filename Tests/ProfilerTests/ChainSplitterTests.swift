import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// What stock perf gets wrong on UKL recordings, one chain for each point of the project's facts;
/// addresses and symbols are those of `redis-ukl`'s kernel.
@Suite struct ChainSplitterTests {
  enum At {
    static let connSocketRead: UInt64 = 0xffff_ffff_8157_b950
    static let main: UInt64 = 0xffff_ffff_8178_b000
    static let start: UInt64 = 0xffff_ffff_814a_aa70
    static let libcRead: UInt64 = 0xffff_ffff_8162_6247
    static let libcWrite: UInt64 = 0xffff_ffff_8162_61a7
    static let entry: UInt64 = 0xffff_ffff_8180_01bd
    static let entryReturn: UInt64 = 0xffff_ffff_8180_021f  // ukl_entry_SYSCALL_64+0xbf
    static let doSyscall: UInt64 = 0xffff_ffff_817e_0625
    static let ksysRead: UInt64 = 0xffff_ffff_8119_3d20
    static let ksysWrite: UInt64 = 0xffff_ffff_8119_3e00
    static let vfsRead: UInt64 = 0xffff_ffff_8119_32d0
    static let tcpRecvmsg: UInt64 = 0xffff_ffff_8144_3e5b
    static let tcpSendmsgLocked: UInt64 = 0xffff_ffff_8144_4300
    static let tcpSendmsg: UInt64 = 0xffff_ffff_8144_4de0
    static let timer: UInt64 = 0xffff_ffff_8180_0d40
    static let x64SysCall: UInt64 = 0xffff_ffff_8100_1720
    static let x64SysRead: UInt64 = 0xffff_ffff_8119_3d75
    static let dataStart: UInt64 = 0xffff_ffff_8214_3560
  }

  static let kallsyms = """
    ffffffff81000000 T _stext
    ffffffff81000000 T _text
    ffffffff81001710 T x64_sys_call
    ffffffff81020e60 T is_ukl_thread
    ffffffff81193240 T vfs_read
    ffffffff81193910 T vfs_write
    ffffffff81193ca0 T ksys_read
    ffffffff81193d70 T __x64_sys_read
    ffffffff81193d80 T ksys_write
    ffffffff81193e50 T __x64_sys_write
    ffffffff81443df0 T tcp_recvmsg
    ffffffff81444250 T tcp_sendmsg_locked
    ffffffff81444dc0 T tcp_sendmsg
    ffffffff814aaa20 T ukl__start
    ffffffff814ae9e0 T ukl_aeMain
    ffffffff8157b930 t ukl_connSocketRead
    ffffffff8157b990 t ukl_connSocketWrite
    ffffffff81626190 W ukl_write
    ffffffff81626230 T ukl___libc_read
    ffffffff81626230 W ukl___read
    ffffffff81626230 W ukl_read
    ffffffff8178af50 T ukl_main
    ffffffff817e05f0 T do_syscall_64
    ffffffff81800000 T __entry_text_start
    ffffffff81800160 T ukl_entry_SYSCALL_64
    ffffffff81800d30 T asm_sysvec_apic_timer_interrupt
    ffffffff81801326 T __entry_text_end
    ffffffff81a03640 D _etext
    ffffffff82143560 W ukl_data_start

    """

  static func kernel() throws -> KernelSymbols {
    KernelSymbols(try Kallsyms(text: Array(kallsyms.utf8), path: "kallsyms").symbols)
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let chain: [UInt64]
    let frames: [UInt64]
    let part: ApplicationPart

    init(_ name: String, _ chain: [UInt64], frames: [UInt64], _ part: ApplicationPart) {
      (testDescription, self.chain, self.frames, self.part) = (name, chain, frames, part)
    }
  }

  private static let body = [At.tcpRecvmsg, At.vfsRead, At.ksysRead, At.doSyscall, At.entry]
  private static let callers = [At.connSocketRead, At.main, At.start]
  private static let (inKernel, user) = (ChainMarker.kernel, ChainMarker.user)

  static let cases = [
    // 1
    Case(
      "application code only, recorded as user mode", [user, At.libcRead] + callers,
      frames: [At.libcRead] + callers, .joined),
    // 2
    Case(
      "ORC: the wrapper stands twice",
      [inKernel] + body + [At.libcRead, user, At.libcRead] + callers,
      frames: body + [At.libcRead] + callers, .joined),
    // 3
    Case(
      "frame pointers: the wrapper stands once",
      [inKernel, At.tcpRecvmsg, At.ksysRead, At.x64SysRead, At.x64SysCall, At.doSyscall, At.entry]
        + [user, At.libcRead] + callers,
      frames: [At.tcpRecvmsg, At.ksysRead, At.x64SysRead, At.x64SysCall, At.doSyscall, At.entry]
        + [At.libcRead] + callers, .joined),
    // 4
    Case(
      "rbp held something else",
      [inKernel] + body + [At.libcRead, user, At.libcRead, 0x1_0000_0000_0003, At.main],
      frames: body + [At.libcRead], .cut),
    Case(
      "heap address behind the wrapper",
      [inKernel] + body + [user, At.libcRead, 0xffff_8880_0123_4560],
      frames: body + [At.libcRead], .cut),
    // 6: after a shortcut the kernel part is the leaf alone
    Case(
      "leaf called directly, the last real call's part behind it",
      [inKernel, At.tcpSendmsgLocked, At.tcpSendmsg, user, At.libcRead] + callers,
      frames: [At.tcpSendmsgLocked, At.tcpSendmsg], .stale),
    Case(
      "another system call's part",
      [inKernel, At.tcpSendmsg, At.ksysWrite, At.doSyscall, At.entry, user, At.libcRead] + callers,
      frames: [At.tcpSendmsg, At.ksysWrite, At.doSyscall, At.entry], .stale),
    Case(
      "the same system call's part is its own",
      [inKernel, At.tcpSendmsg, At.ksysWrite, At.doSyscall, At.entry, user, At.libcWrite] + callers,
      frames: [At.tcpSendmsg, At.ksysWrite, At.doSyscall, At.entry, At.libcWrite] + callers,
      .joined),
    Case(
      "half-written registers: EFLAGS", [inKernel, At.doSyscall, At.entry, user, 0x246, At.main],
      frames: [At.doSyscall, At.entry], .cut),
    // 7
    Case(
      "user mode at the entry's final ret", [user, At.entryReturn, At.libcRead] + callers,
      frames: [At.entryReturn, At.libcRead] + callers, .joined),
    // 8: the application's data lies in the kernel's image but is no code
    Case(
      "data address ukl_data_start",
      [inKernel] + body + [user, At.libcRead, At.dataStart, At.main],
      frames: body + [At.libcRead], .cut),
    // 11
    Case(
      "interrupt of application code", [inKernel, At.timer, user] + callers,
      frames: [At.timer] + callers, .joined),
    // 12
    Case(
      "no application part", [inKernel] + body, frames: body, .joined),
    Case(
      "plain Linux, untouched, garbage included",
      [inKernel, At.tcpRecvmsg, At.ksysRead, At.doSyscall, user, 0x7f00_1234, 0x1_0000_0000_0003],
      frames: [At.tcpRecvmsg, At.ksysRead, At.doSyscall, 0x7f00_1234, 0x1_0000_0000_0003],
      .asRecorded),
    Case("kernel thread", [inKernel, At.vfsRead], frames: [At.vfsRead], .asRecorded),
    Case("empty", [], frames: [], .asRecorded),
    Case("markers only", [inKernel, user], frames: [], .asRecorded),
  ]

  @Test(arguments: cases) func chain(_ wanted: Case) throws {
    var splitter = ChainSplitter(kernel: try Self.kernel())
    let (frames, part) = splitter.split(wanted.chain[...])
    #expect(frames.map(\.address) == wanted.frames)
    #expect(part == wanted.part)
  }

  /// Without symbols nothing is known to be code, so nothing is joined.
  @Test(arguments: cases) func withoutSymbolsNothingIsTouched(_ wanted: Case) {
    var splitter = ChainSplitter(kernel: nil)
    let (frames, part) = splitter.split(wanted.chain[...])
    #expect(frames.map(\.address) == wanted.chain.filter { $0 < CallchainContext.smallest })
    #expect(part == .asRecorded)
  }

  /// 5 needs no joining: the caller is missing from the chain, and nothing may be invented.
  @Test func droppedCallerIsNotInvented() throws {
    var splitter = ChainSplitter(kernel: try Self.kernel())
    let chain = [ChainMarker.user, At.libcRead, At.main]
    let frames = splitter.split(chain[...]).frames
    #expect(frames.map(\.address) == [At.libcRead, At.main])
  }

  /// 7 and 9: whose code a symbol is.
  @Test(
    arguments: [
      (At.connSocketRead, "connSocketRead", FunctionOrigin.application),
      (At.start, "_start", .application),
      (At.libcRead, "read", .application),
      (At.entry, "ukl_entry_SYSCALL_64", .transition),
      (At.entryReturn, "ukl_entry_SYSCALL_64", .transition),
      (0xffff_ffff_8102_0e61, "is_ukl_thread", .kernel),
      (At.doSyscall, "do_syscall_64", .transition),
      (At.timer, "asm_sysvec_apic_timer_interrupt", .transition),
      (At.tcpRecvmsg, "tcp_recvmsg", .kernel),
      (At.dataStart, "ukl_data_start", .kernel),
    ] as [(UInt64, String, FunctionOrigin)])
  func origin(address: UInt64, name: String, origin: FunctionOrigin) throws {
    let kernel = try Self.kernel()
    let row = try #require(kernel.row(covering: address))
    #expect(kernel.function(row).name == name)
    #expect(kernel.function(row).origin == origin)
  }

  /// perf shows the last of the names that kallsyms lists for an address.
  @Test func lastAliasIsShown() throws {
    let kernel = try Self.kernel()
    let row = try #require(kernel.row(covering: At.libcRead))
    #expect(kernel.symbols.name(row) == "ukl_read")
    #expect(kernel.symbols.aliases(of: row) == ["ukl___libc_read", "ukl___read", "ukl_read"])
  }

  /// A symbol of the application may bear the name of the kernel's: memcached's own tcp_sendmsg.
  @Test func applicationsTcpSendmsgIsNotTheKernels() throws {
    let text = Self.kallsyms.replacing("ukl_aeMain", with: "ukl_tcp_sendmsg")
    let kernel = KernelSymbols(try Kallsyms(text: Array(text.utf8), path: "kallsyms").symbols)
    let theirs = try #require(kernel.row(covering: 0xffff_ffff_814a_e9e4))
    let own = try #require(kernel.row(covering: At.tcpSendmsg))
    #expect(kernel.function(theirs).name == kernel.function(own).name)
    #expect(kernel.function(theirs) != kernel.function(own))
  }
}
