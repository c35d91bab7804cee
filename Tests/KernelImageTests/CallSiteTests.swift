import Foundation
import KernelImage
import Profiler
import SystemPackage
import TestSupport
import Testing

/// `Fixtures/kernel/ukl_application.c` linked into `ukl_kernel.c` as UKL does it.
private struct LinkedApplication {
  let folder: URL
  let vmlinux: URL

  init?(in folder: URL, _ test: String = #function) throws {
    self.folder = folder
    vmlinux = folder.appending(path: "vmlinux")
    guard let gcc = Place.tool("gcc"), let objcopy = Place.tool("objcopy") else {
      skipped("gcc and objcopy are needed", test)
      return nil
    }
    func source(_ name: String) -> String {
      Place.fixtures.appending(path: "kernel/ukl_\(name).c").path
    }
    let object = folder.appending(path: "application.o").path
    try FakeKernel.tool(
      gcc, FakeKernel.compiling + ["-c", source("application"), "-o", object])
    try FakeKernel.tool(objcopy, ["--prefix-symbols=ukl_", object])
    try FakeKernel.tool(
      gcc,
      FakeKernel.compiling + [
        "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=sha1", "-Wl,-Ttext=0xffffffff81000000",
        source("kernel"), object, "-o", vmlinux.path,
      ])
  }

  func address(of name: String) throws -> UInt64 {
    let lines = try FakeKernel.tool(try #require(Place.tool("nm")), [vmlinux.path]).lines
    let line = try #require(lines.first { $0.hasSuffix(" \(name)") })
    return try #require(UInt64(line.prefix(16), radix: 16))
  }

  /// The address behind the only call in a function.
  func returnAddress(in function: String) throws -> UInt64 {
    let objdump = try #require(Place.tool("objdump"))
    let lines = try FakeKernel.tool(
      objdump, ["-d", "--no-show-raw-insn", "--disassemble=\(function)", vmlinux.path]
    ).lines
    let index = try #require(lines.firstIndex { $0.contains("\tcall ") })
    return try #require(
      UInt64(lines[index + 1].drop { $0 == " " }.prefix { $0 != ":" }, radix: 16))
  }

  /// A recording in which each of the application's functions reads from a TCP socket, 100 samples
  /// each, with the kernel moved by `shift`.
  func recording(_ sites: [String], shift: UInt64) throws -> URL {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.mmap(
      "[kernel.kallsyms]_text", pid: -1, start: 0xffff_ffff_8100_0000 &+ shift,
      length: 0x100_0000, pageOffset: 0xffff_ffff_8100_0000 &+ shift, misc: 1)
    let trunk = try [
      "tcp_recvmsg", "inet_recvmsg", "sock_read_iter", "vfs_read", "ksys_read", "do_syscall_64",
      "ukl_entry_SYSCALL_64",
    ].map { try address(of: $0) &+ shift &+ 2 }
    let wrapper = try address(of: "ukl_read") &+ shift &+ 2
    let main = try address(of: "ukl_main") &+ shift &+ 2
    for site in sites {
      let caller = try returnAddress(in: site) &+ shift
      for _ in 0..<100 {
        var values = SampleValues(
          chain: [ChainMarker.kernel] + trunk + [ChainMarker.user, wrapper, caller, main])
        values.ip = trunk[0]
        file.sample(values, misc: 1)
      }
    }
    let out = folder.appending(path: "perf.data")
    try Data(file.bytes).write(to: out)
    return out
  }
}

/// A candidate's site in `shortcuts.json`.
private struct Site: Decodable {
  let function: String?
  let file: String?
  let line: Int?
  let column: Int?
  let inlined: [String]?
  let heldBy: String?
  let doubt: String?
}

private struct Document: Decodable {
  struct Candidate: Decodable { let site: Site }
  let candidates: [Candidate]
}

@Test(arguments: [0, 0x1ac0_0000 as UInt64])
func callSitesHaveTheLinesOfTheirSource(shift: UInt64) throws {
  try withTemporaryFolder { folder in
    guard let linked = try LinkedApplication(in: folder), let program = Place.program else {
      return
    }
    let sites = ["ukl_client_read", "ukl_serve", "ukl_wait_idle", "ukl_call_pointer"]
    let recording = try linked.recording(sites, shift: shift)
    let result = try run(
      URL(filePath: "/usr/bin/env"),
      [
        "XDG_CACHE_HOME=\(folder.path)", program.path, "analyze", recording.path, "--kernel",
        linked.vmlinux.path, "--json", "--output", folder.appending(path: "out").path,
      ])
    try #require(result.status == 0, "\(result.stderr)")
    let document = try JSONDecoder().decode(Document.self, from: result.stdout)
    func site(_ function: String) throws -> Site {
      try #require(document.candidates.map(\.site).first { $0.function == function })
    }
    let source = try String(
      contentsOf: Place.fixtures.appending(path: "kernel/ukl_application.c"), encoding: .utf8
    ).split(separator: "\n", omittingEmptySubsequences: false)
    func line(_ mark: String) throws -> Int {
      try #require(source.firstIndex { $0.hasSuffix("/* \(mark) */") }) + 1
    }
    let client = try site("client_read")
    #expect(client.file?.hasSuffix("kernel/ukl_application.c") == true)
    #expect(try client.line == line("filled") && client.inlined == ["fill"])
    // `	long r = read(`: a tab, then nine characters.
    #expect(client.column == 11)
    #expect(client.heldBy == nil && client.doubt == nil)
    // Its frame was put back: serve calls it, and it jumps.
    #expect(try site("small_read").line == line("small"))
    #expect(document.candidates.allSatisfy { $0.site.function != "serve" })
    let pointer = try site("call_pointer")
    #expect(try pointer.line == line("pointer") && pointer.doubt == nil && pointer.heldBy == nil)
    let idle = try site("wait_idle")
    #expect(idle.line == nil && idle.doubt?.contains("calls ukl_idle there") == true)
  }
}

@Test func aProgramsCallsOfLibcGoThroughItsLinkageTable() throws {
  guard let gcc = Place.tool("gcc") else { return skipped("gcc is not installed") }
  try withTemporaryFolder { folder in
    let source = folder.appending(path: "a.c")
    try Data(
      """
      #include <unistd.h>
      volatile long sink;
      __attribute__((noinline, noipa)) long reads(char *b) { long r = read(0, b, 1); sink = r; return r; }
      __attribute__((noinline, noipa)) long writes(char *b) { long r = write(1, b, 1); sink = r; return r; }
      __attribute__((noinline, noipa)) long jumps(char *b) { sink = 1; return read(0, b, 2); }
      __attribute__((noinline, noipa)) long hides(char *b) { long r = jumps(b); sink = r; return r; }
      int main(void) { char b[1]; return reads(b) + writes(b) + hides(b); }
      """.utf8
    ).write(to: source)
    let out = folder.appending(path: "a")
    try FakeKernel.tool(gcc, ["-O2", "-o", out.path, source.path])
    let objdump = try #require(Place.tool("objdump"))
    let code = try KernelCode(program: KernelImage(path: FilePath(out.path)))
    func evidence(_ function: String) throws -> CallEvidence? {
      let lines = try FakeKernel.tool(
        objdump, ["-d", "--no-show-raw-insn", "--disassemble=\(function)", out.path]
      ).lines
      let index = try #require(lines.firstIndex { $0.contains("\tcall ") })
      let address = try #require(
        UInt64(lines[index + 1].drop { $0 == " " }.prefix { $0 != ":" }, radix: 16))
      return code.evidence(returningTo: address) { SystemCalls.made(by: $0) == ["read"] }?.evidence
    }
    #expect(try evidence("reads") == .calls)
    #expect(try evidence("hides") == .hidden(in: "jumps"))
    #expect(try evidence("writes") == .elsewhere("write@plt"))
  }
}
