/// What a kernel's own headers say about the interfaces that a stub uses.
///
/// A stub is fitted by what is declared, never by a version number.
public struct KernelFeatures: Sendable, Equatable {
  /// `struct fd` is a word behind `fd_file()` and `fd_empty()`.
  public var descriptorIsWord: Bool
  /// Directions of an iterator are called `ITER_DEST` and `ITER_SOURCE`, not `READ` and `WRITE`.
  public var namesIteratorDirection: Bool
  /// fanotify's permission event is asked for beside `security_file_permission()`, not inside.
  public var fanotifyBesideLSM: Bool
  /// There are tracepoints `sock_send_length` and `sock_recv_length`.
  public var socketLengthTracepoints: Bool
  /// Receive flow steering has a header of its own, net/rps.h.
  public var flowSteeringHeader: Bool

  /// As Debian's 6.1.192 has it, and the patch set.
  public static let linux6_1 = KernelFeatures(
    descriptorIsWord: false, namesIteratorDirection: true, fanotifyBesideLSM: false,
    socketLengthTracepoints: false, flowSteeringHeader: false)

  /// As Debian's 6.12.117 has it.
  public static let linux6_12 = KernelFeatures(
    descriptorIsWord: true, namesIteratorDirection: true, fanotifyBesideLSM: true,
    socketLengthTracepoints: true, flowSteeringHeader: true)
}

extension KernelFeatures {
  private static let flowSteering = "include/net/rps.h"

  /// Headers that decide.
  static let headers = [
    "include/linux/file.h", "include/linux/uio.h", "include/linux/fsnotify.h",
    "include/trace/events/sock.h", flowSteering,
  ]

  /// Reads the headers of a tree.
  init(of tree: KernelTree) throws(EmitError) {
    self.init(
      descriptorIsWord: try tree.text(of: Self.headers[0]).contains("fd_empty("),
      namesIteratorDirection: try tree.text(of: Self.headers[1]).contains("ITER_DEST"),
      fanotifyBesideLSM: try tree.text(of: Self.headers[2]).contains("fsnotify_file_area_perm("),
      socketLengthTracepoints: try tree.text(of: Self.headers[3]).contains("sock_recv_length"),
      flowSteeringHeader: tree.files[Self.flowSteering] != nil)
  }

  /// Expressions for `struct fd f`.
  var fdEmpty: String { descriptorIsWord ? "fd_empty(f)" : "!f.file" }
  var fdFile: String { descriptorIsWord ? "fd_file(f)" : "f.file" }

  /// What an iterator over the application's buffer is: where data go, or where they come from.
  func iterDirection(_ transfer: StubKind.Transfer) -> String {
    switch transfer {
    case .toApplication: namesIteratorDirection ? "ITER_DEST" : "READ"
    case .fromApplication: namesIteratorDirection ? "ITER_SOURCE" : "WRITE"
    }
  }
}
