import Foundation
import TestSupport
import Testing

/// What stands for the kernel in `lab/applications`: it counts, and notices what is out of order.
@Suite(.enabled(if: Place.tool("gcc") != nil, "gcc is not installed"))
struct ShimTests {
  private static let shim = Place.repository.appending(path: "lab/applications/shim").path

  private func run(_ calls: String) throws -> RunResult {
    let folder = try TemporaryFolder()
    let (source, program) = (folder.path + "/main.c", folder.path + "/main")
    let text = """
      #include <sys/socket.h>
      #include <unistd.h>
      #include "ukl_shortcut.h"

      int main(void)
      {
      	int s[2];
      	char b[4];

      	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
      		return 1;
      	\(calls)
      	return b[2] != 'c';
      }

      """
    try Data(text.utf8).write(to: URL(filePath: source))
    let built = try Program.run(
      "gcc",
      [
        "-Wall", "-Wextra", "-Werror", "-O2", "-DUKL_SHORTCUT",
        "-I\(try Reviewed.folder.get().path)/app", "-o", program, source, Self.shim + "/kernel.c",
      ])
    try #require(built.status == 0, "\(built.stderr)")
    return try TestSupport.run(URL(filePath: program), [])
  }

  @Test func pairsAreCounted() throws {
    let result = try run(
      "if (ukl_shortcut_tcp_write(s[0], \"abc\", 3) != 3 || ukl_shortcut_tcp_read(s[1], b, 4) != 3) return 2;"
    )
    #expect(result.status == 0 && result.stderr == "shortcuts: 2 pairs, 0 out of order\n")
  }

  @Test func aStubOutsideOfThePairIsNoticed() throws {
    let result = try run(
      "if (shortcut_tcp_write(s[0], \"abc\", 3) != 3 || ukl_shortcut_tcp_read(s[1], b, 4) != 3) return 2;"
    )
    #expect(result.status == 0 && result.stderr == "shortcuts: 1 pairs, 1 out of order\n")
  }

  /// A wrapper that lost its frame would leave the caller out of call chains again.
  @Test(arguments: ["read", "write", "readv", "writev", "recv", "send", "recvmsg", "sendmsg"])
  func wrappersHaveFrames(_ name: String) throws {
    let folder = try TemporaryFolder()
    let object = folder.path + "/frames.o"
    let built = try Program.run(
      "gcc",
      [
        "-Wall", "-Wextra", "-Werror", "-O2", "-fno-omit-frame-pointer", "-fno-shrink-wrap", "-c",
        "-o", object, Self.shim + "/frames.c",
      ])
    try #require(built.status == 0, "\(built.stderr)")
    let code = try Program.run("objdump", ["-d", "--no-show-raw-insn", object]).text
    let function = try #require(code.range(of: "<\(name)>:"))
    let body = code[function.upperBound...].prefix { $0 != "<" }
    let frame = try #require(body.range(of: "%rsp,%rbp"))
    let call = try #require(body.range(of: "syscall"))
    #expect(frame.upperBound < call.lowerBound)
  }
}
