/// A family of descriptors: which stubs there are, what they are made of, and where they live in a
/// kernel tree.
struct StubFamily: Hashable, Sendable {
  /// The middle of the stubs' names: `tcp`.
  let name: String
  /// How people call its members: `TCP sockets`.
  let title: String
  /// One of them, with its article: `a TCP socket`.
  let descriptor: String
  let shape: Shape
  let place: Place
  /// What the Kconfig entry depends on, beside the switch for all shortcuts.
  let depends: String
  let calls: [StubCall]
  /// The functions that do the work.
  let readLeaf: String
  private let writes: String
  /// Stands in its file operations' place; nil where no table is the family's.
  let table: String?
  /// Templates of calls that the shape's don't fit.
  var templates: [String: String] = [:]
  /// Templates with the guarded hop of a socket family, for reading and writing.
  var hops: [StubCall.Moves: String] = [:]

  /// How a call reaches the leaf.
  enum Shape: String, Sendable {
    /// Through a message header.
    case socket
    /// Through file operations that have no position.
    case stream
    /// Through file operations with a position.
    case file
  }

  /// Where its source is compiled.
  enum Place: Hashable, Sendable {
    /// By a line of its own in a folder's Makefile, put after the line that begins so.
    case object(folder: String, anchor: String)
    /// Inside the file with its static functions.
    case host(String)
  }

  /// The function that does the work of a write, which Linux 6.6 renamed for tmpfs.
  func writeLeaf(_ features: KernelFeatures) -> String {
    name == "tmpfs" && !features.tmpfsHasWriteIter ? "generic_file_write_iter" : writes
  }
}

extension StubFamily {
  /// TCP over IPv4 and IPv6.
  static let tcp = StubFamily(
    name: "tcp", title: "TCP sockets", descriptor: "a TCP socket", shape: .socket,
    place: .object(folder: "net/ipv4", anchor: "obj-$(CONFIG_NETLABEL) += "),
    depends: "UKL_DEEP_SHORTCUT && INET", calls: StubCall.socketCalls + [.accept, .accept4],
    readLeaf: "tcp_recvmsg", writes: "tcp_sendmsg", table: nil,
    hops: [.toApplication: "tcp_receive", .fromApplication: "tcp_send"])

  /// UDP over IPv4 and IPv6.
  static let udp = StubFamily(
    name: "udp", title: "UDP sockets", descriptor: "a UDP socket", shape: .socket,
    place: .object(folder: "net/ipv4", anchor: "obj-$(CONFIG_NETLABEL) += "),
    depends: "UKL_DEEP_SHORTCUT && INET", calls: StubCall.socketCalls,
    readLeaf: "udp_recvmsg", writes: "udp_sendmsg", table: nil,
    hops: [.toApplication: "udp_receive", .fromApplication: "udp_send"])

  private static func unix(_ type: String, _ title: String, _ descriptor: String) -> StubFamily {
    StubFamily(
      name: "unix_\(type)", title: title, descriptor: descriptor, shape: .socket,
      place: .host("net/unix/af_unix.c"), depends: "UKL_DEEP_SHORTCUT && UNIX=y",
      calls: StubCall.socketCalls, readLeaf: "unix_\(type)_recvmsg",
      writes: "unix_\(type)_sendmsg", table: nil,
      hops: [.toApplication: "unix_receive", .fromApplication: "unix_send"])
  }

  static let unixStream = unix("stream", "Unix stream sockets", "a Unix stream socket")
  static let unixDgram = unix("dgram", "Unix datagram sockets", "a Unix datagram socket")

  static let pipe = StubFamily(
    name: "pipe", title: "pipes", descriptor: "a pipe", shape: .stream, place: .host("fs/pipe.c"),
    depends: "UKL_DEEP_SHORTCUT", calls: [.read, .write, .readv, .writev], readLeaf: "pipe_read",
    writes: "pipe_write", table: "pipefifo_fops")

  /// An eventfd is read through an iterator and written without one: writev(2) loops over write().
  static let eventfd = StubFamily(
    name: "eventfd", title: "eventfds", descriptor: "an eventfd", shape: .stream,
    place: .host("fs/eventfd.c"), depends: "UKL_DEEP_SHORTCUT && EVENTFD",
    calls: [.read, .write, .readv], readLeaf: "eventfd_read", writes: "eventfd_write",
    table: "eventfd_fops", templates: ["write": "eventfd_write"])

  static let tmpfs = StubFamily(
    name: "tmpfs", title: "files on tmpfs", descriptor: "a file on tmpfs", shape: .file,
    place: .host("mm/shmem.c"), depends: "UKL_DEEP_SHORTCUT && SHMEM && TMPFS",
    calls: StubCall.fileCalls, readLeaf: "shmem_file_read_iter", writes: "shmem_file_write_iter",
    table: "shmem_file_operations")

  static let ext4 = StubFamily(
    name: "ext4", title: "files on ext4", descriptor: "a file on ext4", shape: .file,
    place: .host("fs/ext4/file.c"), depends: "UKL_DEEP_SHORTCUT && EXT4_FS=y",
    calls: StubCall.fileCalls, readLeaf: "ext4_file_read_iter", writes: "ext4_file_write_iter",
    table: "ext4_file_operations")

  /// Any other file system's: guarded by what its table has, called through it.
  static let file = StubFamily(
    name: "file", title: "regular files", descriptor: "a regular file", shape: .file,
    place: .host("fs/read_write.c"), depends: "UKL_DEEP_SHORTCUT", calls: StubCall.fileCalls,
    readLeaf: "file->f_op->read_iter", writes: "file->f_op->write_iter", table: nil)

  static let all: [StubFamily] = [
    eventfd, ext4, file, pipe, tcp, tmpfs, udp, unixDgram, unixStream,
  ]
}

extension StubFamily {
  /// The header that declares the stubs of all families.
  static let header = "include/linux/ukl_shortcut.h"

  /// The switches of all families, and the Kconfig that takes them in: of those that no version of
  /// the patch set changes.
  static let configuration = "kernel/Kconfig.ukl_shortcut"
  static let sourcingConfiguration = "net/ipv4/Kconfig"

  /// Every file of a tree that a patch may add or change.
  static let touchedFiles = Set(
    [header, configuration, sourcingConfiguration]
      + all.flatMap { [$0.source, $0.changedFile] }
      + StubHelper.all.flatMap { [$0.source, $0.host] }
  ).sorted()

  var symbol: String { "UKL_SHORTCUT_\(name.uppercased())" }
  var object: String { "ukl_shortcut_\(name).o" }

  /// The file of an existing tree that takes its source in.
  var changedFile: String {
    switch place {
    case .object(let folder, _): "\(folder)/Makefile"
    case .host(let file): file
    }
  }

  /// Its source: beside what takes it in.
  var source: String {
    "\(changedFile.split(separator: "/").dropLast().joined(separator: "/"))/ukl_shortcut_\(name).c"
  }

  /// The file that includes its source, if one does.
  var host: String? {
    if case .host(let file) = place { file } else { nil }
  }

  /// The text of `changedFile` with the source taken in.
  func taken(into text: String) -> String {
    switch place {
    case .object(_, let anchor):
      text.inserting("obj-$(CONFIG_\(symbol)) += \(object)", after: anchor)
    case .host: text.including("ukl_shortcut_\(name).c", if: "CONFIG_\(symbol)")
    }
  }

  /// The parts, shared by its stubs, that these calls need, in the order in which they stand.
  func parts(for calls: [StubCall], _ policy: StubPolicy) -> [String] {
    let moves = Set(calls.map(\.moves))
    let wanted = calls.reduce(into: Set<String>()) { $0.formUnion(parts(for: $1)) }
    let order = [
      "read_prototype", "write_prototype", "regular_reads", "regular_writes", "table_reads",
      "table_writes", "may_read", "may_write",
    ]
    let hops = [StubCall.Moves.toApplication, .fromApplication].compactMap {
      moves.contains($0) ? self.hops[$0] : nil
    }
    var dropped: Set<String> = policy.keeps(.lsm) ? [] : ["may_read", "may_write"]
    if !policy.guards {
      dropped.formUnion(["regular_reads", "regular_writes", "table_reads", "table_writes"])
    }
    let rest = ["socket_read_msg", "socket_write_msg", "file_read_at", "file_write_at"]
    return (order + hops + rest).filter {
      (wanted.contains($0) && !dropped.contains($0)) || hops.contains($0)
    }
  }

  private func parts(for call: StubCall) -> Set<String> {
    let way = call.moves == .toApplication ? "read" : "write"
    let isPlain = ["read", "write", "readv", "writev"].contains(call.name)
    switch shape {
    case .socket: return isPlain ? ["may_\(way)", "socket_\(way)_msg"] : []
    case .stream:
      let isIterator = templates[call.name] == nil
      return isIterator ? ["\(way)_prototype", "may_\(way)"] : ["may_\(way)"]
    case .file:
      let at: Set<String> = call.name.hasSuffix("v") ? [] : ["file_\(way)_at"]
      return at.union(["\(way)_prototype", table == nil ? "regular_\(way)s" : "table_\(way)s"])
    }
  }
}

extension StubFamily {
  /// The families of these stubs.
  static func all(in stubs: [StubRequest]) -> [StubFamily] {
    all.filter { !$0.members(stubs).isEmpty }
  }

  /// Those of the stubs that belong to the family.
  func members(_ stubs: [StubRequest]) -> [StubRequest] {
    stubs.filter { $0.kind.family == name }
  }
}
