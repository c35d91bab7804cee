/// Static functions of the kernel that stubs in other files call: a file that is included by theirs
/// and hands them on.
struct StubHelper: Hashable, Sendable {
  /// The end of its source's name: `vectors`.
  let name: String
  /// The file with the static functions.
  let host: String
  /// The system calls whose stubs need it.
  let calls: Set<String>
  /// What it hands on.
  let prototypes: [String]
  /// Headers its text needs.
  let includes: [String]

  var source: String {
    "\(host.split(separator: "/").dropLast().joined(separator: "/"))/ukl_shortcut_\(name).c"
  }
  var object: String { "ukl_shortcut_\(name).o" }
  var template: String { "helper_\(name)" }

  static let vectors = StubHelper(
    name: "vectors", host: "fs/read_write.c", calls: ["readv", "writev"],
    prototypes: [
      "ssize_t shortcut_ordinary_readv(int fd, const struct iovec __user *vec,\n"
        + "\t\t\t\tunsigned long vlen);",
      "ssize_t shortcut_ordinary_writev(int fd, const struct iovec __user *vec,\n"
        + "\t\t\t\t unsigned long vlen);",
    ], includes: ["<linux/fs.h>", "<linux/types.h>", "<linux/ukl_shortcut.h>"])

  static let sockets = StubHelper(
    name: "sockets", host: "net/socket.c", calls: ["recvfrom", "recvmsg", "sendmsg"],
    prototypes: [
      "int shortcut_copy_msghdr(struct msghdr *msg, struct user_msghdr __user *umsg,\n"
        + "\t\t\t struct sockaddr __user **save_addr, struct iovec **iov);",
      "int shortcut_move_addr_to_user(struct sockaddr_storage *address, int length,\n"
        + "\t\t\t       void __user *uaddr, int __user *ulen);",
    ], includes: ["<linux/socket.h>", "<linux/types.h>", "<linux/ukl_shortcut.h>"])

  static let all = [sockets, vectors]

  /// Those that the stubs need.
  static func all(for stubs: [StubRequest]) -> [StubHelper] {
    all.filter { helper in stubs.contains { helper.calls.contains($0.kind.syscall) } }
  }

  /// The text of `host` with the source taken in.
  func taken(into text: String) -> String {
    text.including("ukl_shortcut_\(name).c", if: "CONFIG_UKL_DEEP_SHORTCUT")
  }
}
