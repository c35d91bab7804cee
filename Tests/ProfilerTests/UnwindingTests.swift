import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Call chains out of recorded stacks, where perf is wrong or says nothing: the truth is the program.
@Suite struct UnwindingTests {
  static let source = """
    #define _GNU_SOURCE
    #include <signal.h>
    #include <string.h>
    #include <sys/time.h>
    #include <alloca.h>
    #ifndef SA
    #define SA 0
    #endif
    static volatile unsigned long sink;
    __attribute__((noinline)) void spin(int n) { for (int i = 0; i < n * 1000000; i++) sink += i; }
    static inline __attribute__((always_inline)) void inner(int n) {
      for (int i = 0; i < n * 1000000; i++) sink ^= i;
    }
    static inline __attribute__((always_inline)) void middle(int n) { inner(n); sink++; }
    __attribute__((noinline)) void inlining(int n) { middle(n); sink++; }
    __attribute__((noinline)) void descend(int n) {
      volatile char room[64]; room[n] = n;
      if (n) descend(n - 1); else spin(30);
      sink += room[n];
    }
    __attribute__((noinline)) void moving(int n) {
      char *room = alloca(n); memset(room, n, n); spin(30); sink += room[n / 2];
    }
    static volatile int handled;
    // Longer than a sample's distance: the timer's ticks and perf's keep step for a while.
    __attribute__((noinline)) void handler(int number) { spin(8); sink += number; handled++; }
    __attribute__((noinline)) void interrupted(void) {
      sigset_t alarm; sigemptyset(&alarm); sigaddset(&alarm, SIGVTALRM);
      sigprocmask(SIG_UNBLOCK, &alarm, 0);  // whoever starts this may have it blocked
      struct sigaction action = {.sa_handler = handler, .sa_flags = SA};
      sigaction(SIGVTALRM, &action, 0);
      struct itimerval often = {{0, 4000}, {0, 4000}}, never = {{0, 0}, {0, 0}};
      setitimer(ITIMER_VIRTUAL, &often, 0);
      while (handled < 20) spin(5);
      setitimer(ITIMER_VIRTUAL, &never, 0);
      sink++;
    }
    int main(int argc, char **argv) {
      (void)argv;
      descend(40); moving(argc * 3000); inlining(40); interrupted();
      return 0;
    }
    """

  /// Lines that a program of ours must have in its folded stacks.
  static let shapes = [
    "main;" + String(repeating: "descend;", count: 41) + "spin", "main;moving;spin",
    "main;interrupted;spin", ";handler;spin",
  ]

  /// Stacks that can't be followed are counted; of user code the sampled instruction is left.
  @Test(arguments: [ByteWriter.Order.big, .little])
  func foreignStacks(order: ByteWriter.Order) throws {
    let registersAndStack: UInt64 = 1 << 12 | 1 << 13
    var attribute = PerfDataBuilder.Attribute(SampleBit.usual | registersAndStack)
    attribute.userRegisters = 0b11
    var file = PerfDataBuilder(order, attributes: [attribute])
    file.feature(6) { out in  // HEADER_ARCH
      out.integer(UInt32(8))
      out.raw(Array("s390x\0\0\0".utf8))
    }
    for chain in [[], [ChainMarker.kernel, 0xffff_8000_0000_1000]] {
      let values = SampleValues(time: 1, chain: chain)
      file.record(
        9, misc: 2,
        body: file.encoded(values, sampleType: attribute.sampleType)
          + file.body { out in
            out.integers([2, 0x1000, 0x2000, 8, 1, 8] as [UInt64])
          })
    }
    let profile = try read(file)
    #expect(profile.health.foreignStacks == 2 && !profile.health.isClean)
    let chains = profile.groups.rows.map { group in
      var words: [UInt64] = []
      profile.groups.chains.copy(group.chain, into: &words)
      return words
    }
    #expect(
      Set(chains) == [
        [ChainMarker.user, 0x401000], [ChainMarker.kernel, 0xffff_8000_0000_1000],
      ])
  }

  /// Compiles the program, records it and gives the recording to `body`.
  private func withRecording(
    _ flags: [String], _ test: String = #function, _ body: (URL) throws -> Void
  ) throws {
    guard let gcc = Place.tool("gcc"), let perf = Place.tool("perf") else {
      return skipped("gcc or perf is not installed", test)
    }
    try withTemporaryFolder { folder in
      try Data(Self.source.utf8).write(to: folder.appendingPathComponent("prog.c"))
      let built = try run(
        gcc, ["-O2", "-g", "-fomit-frame-pointer"] + flags + ["-o", "prog", "prog.c"], in: folder)
      try #require(built.status == 0, "\(built.stderr)")
      let recorded = try run(
        perf,
        [
          // Room for all stacks: on a busy machine perf may not come to write them for a while.
          "record", "-q", "-m", "16M", "-F", "997", "-e", "cpu-clock", "--call-graph", "dwarf",
          "-o", "perf.data", "--", "./prog",
        ], in: folder)
      guard recorded.status == 0 else {
        return skipped("perf record does not work here: \(recorded.stderr)", test)
      }
      try body(folder.appendingPathComponent("perf.data"))
    }
  }

  private func fold(_ recording: URL, _ options: [String] = []) throws -> [String] {
    let result = try runProgram(["fold", recording.path] + options)
    try #require(result.status == 0, "\(result.stderr)")
    return result.lines.filter { !$0.contains("asm_") }
  }

  /// Without frame pointers; statically linked; without the table that perf looks for in vain, where
  /// `.eh_frame` alone must do; and of 32 bits, where perf on a 64-bit machine finds no frame at all.
  @Test(
    arguments: [[], ["-static"], ["-static", "-Wl,--no-eh-frame-hdr"], ["-m32"]] as [[String]])
  func programsWithoutFramePointers(flags: [String]) throws {
    try withRecording(flags) { recording in
      let lines = try fold(recording)
      for shape in Self.shapes {
        #expect(lines.contains { $0.contains(shape + " ") }, "\(shape) in \(lines)")
      }
      // A handler's caller is the function that the signal stopped.
      #expect(
        lines.contains { $0.contains("main;interrupted;spin;") && $0.contains(";handler;") },
        "\(lines)")
      #expect(try fold(recording, ["--threads", "1"]) == lines)
    }
  }

  /// A 32-bit program's handlers return into a vdso that is at hand only where perf kept a copy.
  @Test(arguments: [[], ["-DSA=SA_SIGINFO"]]) func signalsWithoutTheVDSO(flags: [String]) throws {
    try withRecording(["-m32"] + flags) { recording in
      guard let env = Place.tool("env"), let program = Place.program else {
        return skipped("env or ukl-shortcut is not there")
      }
      let home = recording.deletingLastPathComponent().path + "/home"
      let result = try run(
        env, ["HOME=\(home)", program.path, "fold", recording.path])
      #expect(
        result.lines.contains {
          $0.contains("main;interrupted;spin;[vdso];handler;spin ")
        }, "\(result.lines)")
    }
  }

  /// Functions in functions are frames of their own, unless nobody wants them.
  @Test func inlinedFunctions() throws {
    try withRecording([]) { recording in
      let lines = try fold(recording)
      #expect(lines.contains { $0.contains(";main;inlining;middle;inner ") }, "\(lines)")
      let plain = try fold(recording, ["--no-inline"])
      #expect(plain.contains { $0.contains(";main;inlining ") }, "\(plain)")
      #expect(!plain.contains { $0.contains("middle") || $0.contains("inner") })
    }
  }
}

/// DWARF's stack machine: values worked out by hand.
@Suite struct FrameMachineTests {
  /// Opcodes of DWARF 5, 7.7.1.
  private enum Code {
    static let literal0: UInt8 = 0x30
    static let register7Plus: UInt8 = 0x77
    static let register16Plus: UInt8 = 0x80
    static let dereference: UInt8 = 0x06
    static let and: UInt8 = 0x1a
    static let greaterOrEqual: UInt8 = 0x2a
    static let shiftLeft: UInt8 = 0x24
    static let plus: UInt8 = 0x22
    static let frameAddress: UInt8 = 0x9c
    static let plusConstant: UInt8 = 0x23
    static let stackValue: UInt8 = 0x9f
    static let branch: UInt8 = 0x28
  }

  private func operation(_ atom: UInt8, _ number: UInt64 = 0) -> FrameOperation {
    FrameOperation(atom: atom, number: number, number2: 0)
  }

  /// What ld writes for a procedure linkage table: 8 above the stack pointer, 16 from the entry's
  /// eleventh byte on.
  @Test(arguments: [(0x1020, 0x7008), (0x102a, 0x7008), (0x102b, 0x7010), (0x102f, 0x7010)])
  func procedureLinkageTable(place: UInt64, frame: UInt64) throws {
    let rule = try #require(
      CallFrameRule(cfa: [
        operation(Code.register7Plus, 8), operation(Code.register16Plus),
        operation(Code.literal0 + 15), operation(Code.and), operation(Code.literal0 + 11),
        operation(Code.greaterOrEqual), operation(Code.literal0 + 3), operation(Code.shiftLeft),
        operation(Code.plus),
      ]))
    #expect(rule.kind == .computed)
    let registers: [Int: UInt64] = [7: 0x7000, 16: place]
    let bytes: [UInt8] = []
    var machine = FrameMachine()
    let registersOfx86 = try #require(MachineRegisters.of("x86_64", abi: 2))
    let stack = RecordedStack(bytes: bytes.span.bytes, start: 0x7000, registersOfx86)
    #expect(
      machine.run(rule.operations, cfa: 0, stack: stack) { registers[$0] } == frame)
    #expect(machine.run(rule.operations, cfa: 0, stack: stack) { _ in nil } == nil)
  }

  @Test func commonRulesAreKnownByTheirForm() throws {
    let plain = try #require(CallFrameRule(cfa: [operation(Code.register7Plus, 16)]))
    #expect(plain.kind == .register && plain.source == 7 && plain.offset == 16)
    let stored = try #require(
      CallFrameRule(
        register: 6, [operation(Code.frameAddress), operation(Code.plusConstant, 0 &- 16)]))
    #expect(stored.kind == .inFrame && stored.register == 6 && stored.offset == 0 &- 16)
    let value = try #require(
      CallFrameRule(register: 7, [operation(Code.frameAddress), operation(Code.stackValue)]))
    #expect(value.kind == .frameAddress && value.offset == 0)
    // Jumps might go on for ever; call frame information has none.
    #expect(CallFrameRule(cfa: [operation(Code.literal0), operation(Code.branch)]) == nil)
  }

  /// Words are read from the recorded stack only.
  @Test func memoryEndsWithTheStack() throws {
    let bytes: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    let registers = try #require(MachineRegisters.of("x86_64", abi: 2))
    let stack = RecordedStack(bytes: bytes.span.bytes, start: 0x7000, registers)
    let places: [UInt64] = [0x6fff, 0x7000, 0x7008, 0x7009, 0, .max]
    #expect(places.map { stack.word(at: $0) } == [nil, 1, 2, nil, nil, nil])
    let narrow = try #require(MachineRegisters.of("x86_64", abi: 1))
    let small = RecordedStack(bytes: bytes.span.bytes, start: 0x7000, narrow)
    #expect(small.word(at: 0x700c) == 0 && small.word(at: 0x7008) == 2)
    #expect(small.word(at: 0x700d) == nil)
  }
}
