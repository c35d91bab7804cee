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

/// The addresses behind the calls of a function, by the function called, from objdump.
private func returnAddresses(
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
    called = isCall ? match.output.3.firstMatch(of: /<(\w+)>/).map { String($0.output.1) } : nil
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

@Test func recoveredFramesStandInAChainWhereTheKernelRan() throws {
  try withCalls { kernel, code, _ in
    let returns = try returnAddresses(kernel, in: "call_hidden")
    let address = try #require(returns["sock_send"])
    let running = try #require(code.calls(from: "inet_send").first).address &+ 8
    let edge = KernelEdge(callee: running, returnAddress: address)
    // The callee is inet_send itself: one frame is missing.
    let recovered = MissingFrames(code).recovered(between: [edge])
    #expect(recovered.count == 0 || recovered.count == 1)
  }
}
