import Foundation
import ShortcutGen
import Testing

/// The application's header compiles everywhere and does what libc would.
@Suite("Application header", .enabled(if: StubTools.has("gcc"), "gcc is not installed"))
struct StubHeaderTests {
  private static let dialects = [
    ["gcc", "-x", "c", "-std=c89", "-pedantic"], ["gcc", "-x", "c", "-std=c99", "-pedantic"],
    ["gcc", "-x", "c", "-std=gnu17"], ["g++", "-x", "c++", "-std=c++98", "-pedantic"],
    ["g++", "-x", "c++", "-std=c++20"], ["clang", "-x", "c", "-std=c89", "-pedantic"],
  ]

  /// An application with libc's declarations, and one that has no libc and its own.
  private static let programs = [
    "#include <unistd.h>\n",
    "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
      + "long read(int, void *, unsigned long);\nlong write(int, const void *, unsigned long);\n"
      + "#ifdef __cplusplus\n}\n#endif\n",
  ]

  private static let use = """
    #include "ukl_shortcut.h"
    long use(int fd, char *b);
    long use(int fd, char *b)
    {
      return ukl_shortcut_tcp_read(fd, b, 1) + ukl_shortcut_tcp_write(fd, b, 1);
    }

    """

  @Test(arguments: dialects, ErrnoConvention.allCases)
  func compilesWithoutWarning(_ dialect: [String], _ convention: ErrnoConvention) throws {
    if !StubTools.has(dialect[0]) { try Test.cancel("\(dialect[0]) is not installed") }
    try StubTools.withFolder { folder in
      try StubSamples.applicationFiles(convention).write(to: folder)
      for (program, define) in product(Self.programs, ["-DUKL_SHORTCUT", "-UUKL_SHORTCUT"]) {
        let source = folder.appendingPathComponent("app/use.c")
        try Data((program + Self.use).utf8).write(to: source)
        let result = try StubTools.run(
          dialect + ["-Wall", "-Wextra", "-Werror", define, "-c", source.path, "-o", "/dev/null"])
        #expect(result.status == 0, "\(define) after \(program): \(result.output)")
      }
    }
  }

  /// All stubs of all families, in C and C++, with libc's declarations.
  @Test(arguments: dialects)
  func headerOfEveryStubCompiles(_ dialect: [String]) throws {
    if !StubTools.has(dialect[0]) { try Test.cancel("\(dialect[0]) is not installed") }
    let header = try StubGenerator().applicationFiles(
      for: StubSamples.every, provenance: StubSamples.provenance, transition: .rfc2022,
      errnoConvention: .errno)
    try StubTools.withFolder { folder in
      try header.write(to: folder)
      for define in ["-DUKL_SHORTCUT", "-UUKL_SHORTCUT"] {
        let source = folder.appendingPathComponent("app/use.c")
        let text = """
          #include <unistd.h>
          #include <sys/socket.h>
          #include <sys/uio.h>
          #include "ukl_shortcut.h"
          long use(int fd, struct msghdr *m, const struct iovec *v, char *b);
          long use(int fd, struct msghdr *m, const struct iovec *v, char *b)
          {
            return ukl_shortcut_tcp_recvmsg(fd, m, 0) + ukl_shortcut_file_pread64(fd, b, 1, 0)
              + ukl_shortcut_pipe_writev(fd, v, 2) + ukl_shortcut_tcp_recv(fd, b, 1, 0)
              + ukl_shortcut_udp_send(fd, b, 1, 0);
          }

          """
        try Data(text.utf8).write(to: source)
        let result = try StubTools.run(
          dialect + [
            "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", define, "-c", source.path, "-o",
            "/dev/null",
          ])
        #expect(result.status == 0, "\(define): \(result.output)")
      }
    }
  }

  private func product(_ a: [String], _ b: [String]) -> [(String, String)] {
    a.flatMap { first in b.map { (first, $0) } }
  }

  struct Result: Sendable {
    let stub: Int
    let errno: String
    let negative: String
  }

  /// What the stub returns, and what the application sees: calls, result, errno.
  private static let results = [
    Result(stub: 5, errno: "exit stub enter = 5 errno=0", negative: "exit stub enter = 5 errno=0"),
    Result(stub: 0, errno: "exit stub enter = 0 errno=0", negative: "exit stub enter = 0 errno=0"),
    Result(
      stub: -11, errno: "exit stub enter = -1 errno=11",
      negative: "exit stub enter = -11 errno=0"),
    Result(
      stub: -4095, errno: "exit stub enter = -1 errno=4095",
      negative: "exit stub enter = -4095 errno=0"),
    Result(
      stub: -4096, errno: "exit stub enter = -4096 errno=0",
      negative: "exit stub enter = -4096 errno=0"),
    Result(
      stub: -511, errno: "exit stub enter = -1 errno=511",
      negative: "exit stub enter = -511 errno=0"),
    Result(
      stub: -512, errno: "exit stub enter wrapper = 42 errno=0",
      negative: "exit stub enter wrapper = 42 errno=0"),
    Result(
      stub: -516, errno: "exit stub enter wrapper = 42 errno=0",
      negative: "exit stub enter wrapper = 42 errno=0"),
    Result(
      stub: -517, errno: "exit stub enter = -1 errno=517",
      negative: "exit stub enter = -517 errno=0"),
  ]

  @Test(arguments: ErrnoConvention.allCases, ["read", "write"])
  func resultsComeBackAsFromLibc(_ convention: ErrnoConvention, _ call: String) throws {
    try StubTools.withFolder { folder in
      try StubSamples.applicationFiles(convention, transition: .thesis).write(to: folder)
      let program = try build("-DUKL_SHORTCUT", in: folder)
      for result in Self.results {
        let expected = convention == .errno ? result.errno : result.negative
        let run = try StubTools.run([program, call, "\(result.stub)"])
        #expect(run.output == expected + "\n", "\(call) of a stub that returns \(result.stub)")
      }
    }
  }

  @Test(arguments: ["read", "write"])
  func withoutShortcutsItIsTheWrapper(_ call: String) throws {
    try StubTools.withFolder { folder in
      try StubSamples.applicationFiles(transition: .thesis).write(to: folder)
      let program = try build("-UUKL_SHORTCUT", in: folder)
      #expect(try StubTools.run([program, call, "5"]).output == "wrapper = 42 errno=0\n")
    }
  }

  private func build(_ define: String, in folder: URL) throws -> String {
    let source = StubTools.fixtures.appendingPathComponent("mock-kernel/mock_application.c").path
    let program = folder.appendingPathComponent("application").path
    let result = try StubTools.run([
      "gcc", "-Wall", "-Wextra", "-Werror", "-fno-builtin", define, "-I\(folder.path)/app", source,
      "-o", program,
    ])
    try #require(result.status == 0, "\(result.output)")
    return program
  }

  @Test func everyNameOfTheKernelIsMappedBack() throws {
    let lines = try StubSamples.applicationFiles(transition: .thesis).text(
      of: "app/redef_sym_names")
    #expect(
      lines == """
        ukl_enter_user enter_user
        ukl_exit_user exit_user
        ukl_shortcut_tcp_read shortcut_tcp_read
        ukl_shortcut_tcp_write shortcut_tcp_write

        """)
  }
}
