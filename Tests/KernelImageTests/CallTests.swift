import Foundation
import KernelImage
import Profiler
import SystemPackage
import TestSupport
import Testing

/// The calls that `Fixtures/kernel/calls.c` makes.
private func withCalls(_ body: (FakeKernel, KernelCode, SlotIndex) throws -> Void) throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder, from: "calls.c") else { return }
    let image = try KernelImage(path: FilePath(kernel.vmlinux.path))
    let symbols = try #require(ImageSymbols(of: image))
    let slots = SlotIndex(try image.operationsTables())
    try body(kernel, try KernelCode(image, symbols), slots)
  }
}

@Test func callsAreOfTheKindThatTheirSourceSays() throws {
  try withCalls { _, code, slots in
    func shown(_ function: String) -> [String] {
      code.calls(from: function).map { call in
        let place = call.load.map { " +\($0.offset)" } ?? ""
        return "\(call.isTail ? "tail " : "")\(call.kind) \(call.targets.first ?? "?")\(place)"
      }.sorted()
    }
    #expect(shown("call_direct") == ["direct tcp_open"])
    #expect(shown("call_indirect") == ["indirect ? +24"])
    #expect(shown("call_guarded") == ["guardedDirect tcp_receive +16", "indirect ? +16"])
    #expect(shown("sock_send") == ["tail direct inet_send"])
    #expect(shown("call_either") == ["direct inet6_send", "direct inet_send"])
    #expect(shown("tcp_open") == [])
    #expect(shown("no_such_function") == [])
    let entries = slots.entries(for: "tcp_receive", offset: 16)
    #expect(entries.map { "\($0.slot) \($0.table)" } == ["operations.receive tcp_operations"])
    #expect(slots.entries(for: "tcp_send", offset: 16) == [])
  }
}

@Test func theStructureOfAPointerIsThatOfTheSource() throws {
  try withCalls { _, code, slots in
    func shown(_ function: String) -> [String] {
      code.calls(from: function).filter { $0.kind == .indirect }
        .map { slots.slots(of: $0, in: code).map(\.description).joined(separator: " ") }
    }
    for function in ["call_indirect", "call_in_loop"] {
      #expect(shown(function) == ["operations.send"], "\(function)")
    }
    #expect(shown("call_guarded") == ["operations.receive"])
    // Of one structure on one way, of another on the other.
    #expect(shown("call_mixed") == [""])
    // The kernel's functions begin with a call that ftrace takes out.
    #expect(shown("call_traced") == ["operations.open"])
  }
}

/// Without types, what the same pointer was compared with says it.
@Test func theStructureOfAPointerIsToldByItsComparisons() throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder, from: "calls.c") else { return }
    let objcopy = try #require(Place.tool("objcopy"))
    try FakeKernel.tool(objcopy, ["--remove-section", ".BTF", kernel.vmlinux.path])
    let image = try KernelImage(path: FilePath(kernel.vmlinux.path))
    let code = try KernelCode(image, try #require(ImageSymbols(of: image)))
    let slots = SlotIndex(try image.operationsTables())
    func shown(_ function: String) -> [String] {
      code.calls(from: function).filter { $0.kind == .indirect }
        .flatMap { slots.slots(of: $0, in: code).map(\.description) }
    }
    #expect(shown("call_guarded") == ["operations.receive"])
    #expect(shown("call_indirect") == [])
  }
}

/// The addresses behind the calls of a function, by the function called, from objdump; `*` for a
/// call through a pointer.
func returnAddresses(
  _ kernel: FakeKernel, in function: String
) throws -> [String: UInt64] {
  let objdump = try #require(Place.tool("objdump"))
  let lines = try FakeKernel.tool(
    objdump, ["-d", "--no-show-raw-insn", "--disassemble=\(function)", kernel.vmlinux.path]
  ).lines
  var found: [String: UInt64] = [:]
  var called: String?
  for line in lines {
    guard let match = line.firstMatch(of: /^\s*([0-9a-f]{16}):\s+(\S+)(.*)/) else { continue }
    if let called { found[called] = UInt64(match.output.1, radix: 16) }
    let isCall = match.output.2.hasPrefix("call")
    let name = match.output.3.firstMatch(of: /<(\w+)>/).map { String($0.output.1) }
    called = isCall ? name ?? "*" : nil
  }
  return found
}

@Test func framesThatTailCallsHideAreFoundByTheReturnAddress() throws {
  try withCalls { kernel, code, _ in
    let missing = MissingFrames(code)
    #expect(missing.between("call_hidden", "tcp_send") == ["sock_send", "inet_send"])
    #expect(missing.between("call_hidden", "inet_send") == ["sock_send"])
    #expect(missing.between("call_hidden", "sock_send") == [])
    #expect(missing.between("call_hidden", "tcp_receive") == [])
    // Two ways lead there; which was taken only the return address says.
    #expect(missing.between("call_either", "tcp_send") == [])
    for (called, address) in try returnAddresses(kernel, in: "call_either") {
      #expect(missing.between("call_either", "tcp_send", returningTo: address) == [called])
    }
    // Through a pointer it may have been anything.
    #expect(missing.between("call_guarded", "udp_receive") == [])
  }
}

@Test func behindACallThroughAPointerStandsTheOnlyFunctionOfItsSlotThatLeadsOn() throws {
  try withCalls { kernel, code, _ in
    let image = try KernelImage(path: FilePath(kernel.vmlinux.path))
    let slots = SlotTargets(try image.operationsTables(), code)
    let missing = MissingFrames(code, slots: slots)
    let receive = try #require(try returnAddresses(kernel, in: "call_guarded")["*"])
    func received(_ callee: String) -> [String] {
      missing.between("call_guarded", callee, returningTo: receive)
    }
    #expect(received("page_receive") == ["disk_receive"])
    #expect(received("udp_receive") == [] && received("tcp_send") == [])
    // pass was called for certain, and jumps to whatever stands in the slot.
    #expect(missing.between("call_passing", "udp_receive") == ["pass"])
    #expect(missing.between("call_passing", "tcp_send") == [])

    let send = try #require(try returnAddresses(kernel, in: "call_indirect")["*"])
    func sent(seen: [String], _ missing: MissingFrames = missing) -> [String] {
      missing.between("call_indirect", "page_send", returningTo: send, seen: seen)
    }
    // plain_send, tape_send or, over plain_send, disk_send: which, only the recording can tell.
    #expect(sent(seen: []) == [])
    #expect(sent(seen: ["page_send", "plain_send"]) == [])
    #expect(sent(seen: ["page_send", "plain_send", "disk_send"]) == ["disk_send", "plain_send"])
    #expect(sent(seen: ["tape_send"]) == ["tape_send"])
    #expect(sent(seen: ["tape_send", "disk_send"]) == [])
    // Nothing is known of the tables.
    #expect(sent(seen: ["tape_send"], MissingFrames(code)) == [])
  }
}

/// Each shift is a boot with the kernel at another place.
@Test(arguments: [0, 0x1ac0_0000 as UInt64])
func recoveredFramesStandInTheChainsOfARecording(shift: UInt64) throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder, from: "calls.c"),
      let program = Place.program
    else { return }
    let kallsyms = try kernel.kallsyms(shift: shift)
    let hidden = try #require(try returnAddresses(kernel, in: "call_hidden")["sock_send"])
    let either = try #require(try returnAddresses(kernel, in: "call_either")["inet6_send"])
    let nm = try FakeKernel.tool(try #require(Place.tool("nm")), [kernel.vmlinux.path]).lines
    let send = try #require(
      nm.first { $0.hasSuffix(" tcp_send") }.flatMap {
        UInt64($0.prefix(16), radix: 16)
      })
    var file = PerfDataBuilder(attributes: [.init(1 << 0 | 1 << 1 | 1 << 2 | 1 << 5, ids: [])])
    file.attributes[0].flags = 0
    for caller in [hidden, either] {
      let leaf = send &+ 2 &+ shift
      var values = SampleValues(time: 1, chain: [UInt64(bitPattern: -128), leaf, caller &+ shift])
      values.ip = leaf
      file.sample(values, misc: 1)
    }
    let recording = folder.appending(path: "perf.data")
    try Data(file.bytes).write(to: recording)
    func folded(_ more: [String]) throws -> [String] {
      let environment = "XDG_CACHE_HOME=\(folder.path)"
      let command = [environment, program.path, "fold", recording.path]
      let result = try run(
        URL(filePath: "/usr/bin/env"), command + ["--kallsyms", kallsyms.path] + more)
      return result.lines.map { String($0.drop { $0 != ";" }) }.sorted()
    }
    #expect(try folded([]) == [";call_either;tcp_send 1", ";call_hidden;tcp_send 1"])
    // Its own symbols say where the kernel is linked; only kallsyms say where it ran.
    #expect(
      try folded(["--kernel", try kernel.stripped().path]) == [
        ";call_either;inet6_send;tcp_send 1", ";call_hidden;sock_send;inet_send;tcp_send 1",
      ])
  }
}
