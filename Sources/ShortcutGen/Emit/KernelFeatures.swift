/// What a kernel's own headers say about the interfaces that a stub uses: the single place where
/// kernels differ.
///
/// A stub is fitted by what is declared, never by a version number.
public struct KernelFeatures: Sendable, Codable, Equatable {
  /// `struct fd` is a word behind `fd_file()` and `fd_empty()`.
  public var descriptorIsWord: Bool
  /// Directions of an iterator are called `ITER_DEST` and `ITER_SOURCE`, not `READ` and `WRITE`.
  public var namesIteratorDirection: Bool
  /// There is `iov_iter_ubuf()`, so one buffer needs no `struct iovec`.
  public var iteratesBuffers: Bool
  /// There is `import_ubuf()` in place of `import_single_range()`.
  public var importsBuffers: Bool
  /// fanotify's permission event is asked for beside `security_file_permission()`, not inside.
  public var fanotifyBesideLSM: Bool
  /// readv(2) and writev(2) look at how the file was opened before they import the vector, which
  /// came with `fsnotify_file_area_perm()`.
  public var modeBeforeVectors: Bool
  /// There are tracepoints `sock_send_length` and `sock_recv_length`.
  public var socketLengthTracepoints: Bool
  /// Receive flow steering has a header of its own, net/rps.h.
  public var flowSteeringHeader: Bool
  /// `proto.recvmsg` takes whether to block as a parameter of its own.
  public var recvmsgTakesNonblock: Bool
  /// There are flags of `send` that only the kernel may set.
  public var masksInternalFlags: Bool
  /// tmpfs has `shmem_file_write_iter()` in place of `generic_file_write_iter()`.
  public var tmpfsHasWriteIter: Bool

  /// As Debian's 6.1.192 has it, and the patch set.
  public static let linux6_1 = KernelFeatures(
    descriptorIsWord: false, namesIteratorDirection: true, iteratesBuffers: true,
    importsBuffers: false, fanotifyBesideLSM: false, modeBeforeVectors: false,
    socketLengthTracepoints: false, flowSteeringHeader: false, recvmsgTakesNonblock: false,
    masksInternalFlags: true, tmpfsHasWriteIter: false)

  /// As Debian's 6.12.117 has it.
  public static let linux6_12 = KernelFeatures(
    descriptorIsWord: true, namesIteratorDirection: true, iteratesBuffers: true,
    importsBuffers: true, fanotifyBesideLSM: true, modeBeforeVectors: true,
    socketLengthTracepoints: true, flowSteeringHeader: true, recvmsgTakesNonblock: false,
    masksInternalFlags: true, tmpfsHasWriteIter: true)
}

extension KernelFeatures {
  private static let flowSteering = "include/net/rps.h"
  private static let tmpfs = "mm/shmem.c"

  /// Files that decide.
  static let headers = [
    "include/linux/file.h", "include/linux/uio.h", "include/linux/fsnotify.h",
    "include/linux/socket.h", "include/linux/shmem_fs.h", "include/net/sock.h",
    "include/trace/events/sock.h", flowSteering, tmpfs,
  ]

  /// Reads the headers of a tree; of installed headers, which have no sources, too.
  init(of tree: KernelTree) throws(EmitError) {
    let file = try tree.text(of: "include/linux/file.h")
    let iterators = try tree.text(of: "include/linux/uio.h")
    let notification = try tree.text(of: "include/linux/fsnotify.h")
    let isBesideLSM = notification.contains("fsnotify_file_area_perm(")
    // The header tells of quotas where the source would tell of the function: both came together.
    let tmpfs =
      tree.files[Self.tmpfs].map { $0.contains("shmem_file_write_iter(") }
      ?? tree.files["include/linux/shmem_fs.h"]?.contains("shmem_quota") ?? false
    self.init(
      descriptorIsWord: file.contains("fd_empty("),
      namesIteratorDirection: iterators.contains("ITER_DEST"),
      iteratesBuffers: iterators.contains("iov_iter_ubuf("),
      importsBuffers: iterators.contains("import_ubuf("), fanotifyBesideLSM: isBesideLSM,
      modeBeforeVectors: isBesideLSM,
      socketLengthTracepoints: try tree.text(of: "include/trace/events/sock.h")
        .contains("sock_recv_length"),
      flowSteeringHeader: tree.files[Self.flowSteering] != nil,
      recvmsgTakesNonblock: Self.recvmsg(in: try tree.text(of: "include/net/sock.h"))
        .contains("noblock"),
      masksInternalFlags: try tree.text(of: "include/linux/socket.h")
        .contains("MSG_INTERNAL_SENDMSG_FLAGS"),
      tmpfsHasWriteIter: tmpfs)
  }

  /// The declaration of `proto.recvmsg`.
  private static func recvmsg(in header: String) -> Substring {
    guard let start = header.firstRange(of: "(*recvmsg)") else { return "" }
    return header[start.lowerBound...].prefix { $0 != ";" }
  }

  /// Expressions for `struct fd f`.
  var fdEmpty: String { descriptorIsWord ? "fd_empty(f)" : "!f.file" }
  var fdFile: String { descriptorIsWord ? "fd_file(f)" : "f.file" }

  /// What an iterator over the application's buffer is where data go to it.
  var destination: String { namesIteratorDirection ? "ITER_DEST" : "READ" }
  /// And where they come from it.
  var source: String { namesIteratorDirection ? "ITER_SOURCE" : "WRITE" }

  /// The type of `proto.recvmsg`, as lines of an argument of `static_assert(__same_type(`.
  var recvmsgType: String {
    let blocking = recvmsgTakesNonblock ? " int," : ""
    return
      "int (*)(struct sock *, struct msghdr *, size_t, int,\(blocking)\n"
      + "\t\t\t\t  int *)"
  }

  /// The arguments for it.
  var recvmsgArguments: String {
    recvmsgTakesNonblock
      ? "sk, msg, count, flags & MSG_DONTWAIT,\n\t\t\t  flags & ~MSG_DONTWAIT, &addr_len"
      : "sk, msg, count, flags, &addr_len"
  }
}
