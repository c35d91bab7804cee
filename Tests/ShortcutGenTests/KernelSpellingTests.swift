import Foundation
import Testing

@testable import ShortcutGen

/// Kernels that differ from 6.1 and 6.12 in how they spell what stubs use: their headers are read, and
/// the stubs are compiled and run against a mock that has exactly that spelling.
@Suite("Spellings of kernels", .enabled(if: StubTools.has("gcc"), "gcc is not installed"))
struct KernelSpellingTests {
  /// The lines of a kernel's headers that decide.
  struct Kernel: CustomTestStringConvertible, Sendable {
    let release: StubMockKernel.Release
    let headers: [String: String]
    let features: KernelFeatures
    var testDescription: String { release.rawValue }
  }

  private static let pointer = "struct fd {\n\tstruct file *file;\n\tunsigned int flags;\n};\n"
  private static let range =
    "int import_single_range(int type, void __user *buf, size_t len,\n"
    + "\t\t struct iovec *iov, struct iov_iter *i);\n"
  private static let directions =
    "#define ITER_SOURCE\t1\t// == WRITE\n#define ITER_DEST\t0\t// == READ\n"
    + "static inline void iov_iter_ubuf(struct iov_iter *i, unsigned int direction,\n"
    + "\t\t\tvoid __user *buf, size_t count)\n"
  private static let notification = "static inline int fsnotify_perm(struct file *file, int mask)\n"
  private static let recvmsg =
    "\tint\t\t\t(*recvmsg)(struct sock *sk, struct msghdr *msg,\n"
    + "\t\t\t\t\t   size_t len, int flags, int *addr_len);\n"
  private static let lengths = "DEFINE_EVENT(sock_msg_length, sock_recv_length,\n"

  private static func features(_ change: (inout KernelFeatures) -> Void) -> KernelFeatures {
    var features = KernelFeatures.linux6_1
    change(&features)
    return features
  }

  static let kernels = [
    Kernel(
      release: .linux5_14,
      headers: [
        "include/linux/file.h": pointer, "include/linux/uio.h": range,
        "include/linux/fsnotify.h": notification,
        "include/linux/socket.h": "#define MSG_CMSG_CLOEXEC 0x40000000\n",
        "include/linux/shmem_fs.h": "struct shmem_inode_info {\n",
        "include/net/sock.h": recvmsg.replacing(
          "len, int flags", with: "len, int noblock, int flags"),
        "include/trace/events/sock.h": "TRACE_EVENT(sock_rcvqueue_full,\n",
      ],
      features: features {
        ($0.namesIteratorDirection, $0.iteratesBuffers) = (false, false)
        ($0.recvmsgTakesNonblock, $0.masksInternalFlags) = (true, false)
      }),
    Kernel(
      release: .linux6_3,
      headers: [
        "include/linux/file.h": pointer, "include/linux/uio.h": directions + range,
        "include/linux/fsnotify.h": notification,
        "include/linux/socket.h": "#define MSG_CMSG_CLOEXEC 0x40000000\n",
        "include/linux/shmem_fs.h": "struct shmem_inode_info {\n",
        "include/net/sock.h": recvmsg, "include/trace/events/sock.h": lengths,
      ],
      features: features {
        ($0.socketLengthTracepoints, $0.masksInternalFlags) = (true, false)
      }),
    Kernel(
      release: .linux6_6,
      headers: [
        "include/linux/file.h": pointer,
        "include/linux/uio.h": directions
          + "int import_ubuf(int type, void __user *buf, size_t len, struct iov_iter *i);\n"
          + range,
        "include/linux/fsnotify.h": notification,
        "include/linux/socket.h":
          "#define MSG_INTERNAL_SENDMSG_FLAGS (MSG_SPLICE_PAGES | MSG_SENDPAGE_NOPOLICY)\n",
        "include/linux/shmem_fs.h": "#define SHMEM_MAXQUOTAS 2\nstruct shmem_quota_limits {\n",
        "include/net/sock.h": recvmsg, "include/trace/events/sock.h": lengths,
      ],
      features: features {
        ($0.socketLengthTracepoints, $0.importsBuffers, $0.tmpfsHasWriteIter) = (true, true, true)
      }),
  ]

  @Test(arguments: kernels)
  func headersSayHowAKernelSpells(_ kernel: Kernel) throws {
    let tree = KernelTree(files: kernel.headers, features: .linux6_12)
    #expect(try KernelFeatures(of: tree) == kernel.features)
  }

  private static let strict = [
    "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function", "-Werror",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
  ]

  /// What a stub does is what it does on 6.1, but for tracepoints that came later, and for flags of
  /// the kernel's own, which are the user's where the kernel has none.
  @Test(arguments: kernels, StubScenario.families.keys.sorted())
  func stubsOfAFamilyDoTheSame(_ kernel: Kernel, _ family: String) throws {
    let scenarios = try #require(StubScenario.families[family])
    let stubs = StubSamples.every.filter { $0.kind.family == family }
    let tree = KernelTree.patchSet.fitted(to: kernel.features)
    let file = try StubSamples.kernelFiles(stubs, tree: tree).first {
      $0.path.hasSuffix("/ukl_shortcut_\(family).c")
    }
    try StubTools.withFolder { folder in
      let mock = try StubMockKernel(
        try #require(file).contents, of: family, calls: stubs.map(\.kind.syscall), in: folder,
        release: kernel.release, options: Self.strict)
      let masks = kernel.features.masksInternalFlags
      for scenario in scenarios where masks || !scenario.situation.contains("flags=0x800") {
        let trace = try mock.trace(scenario.situation).split(separator: " ")
          .filter { !$0.hasPrefix("recv_length(") && !$0.hasPrefix("send_length(") }
        #expect(trace.joined(separator: " ") == scenario.trace, "\(family) \(scenario)")
      }
    }
  }

  /// A stub that was fitted to another kernel than it is built for does not compile.
  @Test(arguments: [
    (StubMockKernel.Release.linux6_12, KernelFeatures.linux6_1), (.linux6_1, .linux6_12),
    (.linux6_1, kernels[0].features), (.linux5_14, .linux6_1), (.linux6_3, .linux6_1),
    (.linux6_6, kernels[1].features), (.linux6_3, kernels[2].features),
  ])
  func anotherKernelsStubsDoNotCompile(
    _ release: StubMockKernel.Release, _ features: KernelFeatures
  ) throws {
    let files = try StubSamples.kernelFiles(
      StubSamples.every.filter { $0.kind.family == "tcp" },
      tree: KernelTree.patchSet.fitted(to: features))
    try StubTools.withFolder { folder in
      let result = try StubMockKernel.compile(
        files.text(of: "kernel/net/ipv4/ukl_shortcut_tcp.c"), in: folder, release: release,
        options: ["-w"])
      #expect(result.status != 0 && result.output.contains("error: "))
    }
  }
}
