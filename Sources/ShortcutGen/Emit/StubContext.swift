/// Everything that the templates of one family's stubs may ask for.
struct StubContext {
  let family: StubFamily
  let features: KernelFeatures
  let policy: StubPolicy
  /// Whether the stubs are a module, to which the kernel's tables are pointers.
  let isModule: Bool

  /// What all stubs and parts of the family share.
  var values: [String: TemplateValue] {
    [
      "family": .text(family.name), "descriptor": .text(family.descriptor),
      "table": .text(family.table ?? ""), "hasTable": .flag(family.table != nil),
      "checksTable": .flag(family.table != nil && !isModule),
      "readLeaf": .text(family.readLeaf), "writeLeaf": .text(family.writeLeaf(features)),
      "guards": .flag(policy.guards),
      "keepsLSM": .flag(policy.keeps(.lsm)), "keepsNotification": .flag(policy.keeps(.fsnotify)),
      "keepsAccounting": .flag(policy.keeps(.accounting)),
      "notesTransfer": .flag(policy.keeps(.fsnotify) || policy.keeps(.accounting)),
      "keepsFlowSteering": .flag(policy.keeps(.rps)),
      "socketLengthTracepoints": .flag(
        features.socketLengthTracepoints && policy.keeps(.tracepoints)),
      "fanotifyBesideLSM": .flag(features.fanotifyBesideLSM),
      "modeBeforeVectors": .flag(features.modeBeforeVectors),
      "freesVectors": .flag(policy.keeps(.lsm) || !features.modeBeforeVectors),
      "iteratesBuffers": .flag(features.iteratesBuffers),
      "importsBuffers": .flag(features.importsBuffers),
      "masksInternalFlags": .flag(features.masksInternalFlags),
      "destination": .text(features.destination), "source": .text(features.source),
      "recvmsgType": .text(features.recvmsgType),
      "recvmsgArguments": .text(features.recvmsgArguments),
      "fdEmpty": .text(features.fdEmpty), "fdFile": .text(features.fdFile),
    ]
  }

  /// And what a shared part needs beside that.
  func values(part: String) -> [String: TemplateValue] {
    let way = part.hasPrefix("file_read") ? "read" : "write"
    let head = "static ssize_t shortcut_\(family.name)_\(way)_at("
    return values.merging(["partIndent": .text(CText.indent(to: head.count))]) { $1 }
  }

  /// And what a stub needs.
  func values(of stub: StubRequest) -> [String: TemplateValue] {
    let kind = stub.kind
    let file = "static ssize_t \(kind.name)_file("
    let copied = "static int \(kind.name)_copied("
    return values.merging([
      "name": .text(kind.name), "prototype": .text(kind.kernelHead),
      "leaf": .text(kind.leaf(features)), "trunk": .lines(stub.trunkLines),
      "effects": .lines(kind.effects(policy)),
      "fallbacks": .lines(kind.fallbacks(policy, features)),
      "nameIndent": .text(CText.indent(to: file.count)),
      "nameIndentInt": .text(CText.indent(to: copied.count)),
    ]) { $1 }
  }
}

extension StubContext {
  /// What the code takes for granted of the kernel, as checks.
  func assumptions(_ pieces: [String]) -> [String] {
    let code = pieces.joined(separator: "\n")
    return KernelAssumption.all(in: code).map(\.check)
      + features.absences(of: family, in: code, policy)
  }
}

extension StubFamily {
  /// The headers its source needs, sorted, with what a module adds in `isModule`.
  func includes(
    _ features: KernelFeatures, _ policy: StubPolicy, isModule: Bool
  ) -> [String] {
    var names: Set<String> = [
      "build_bug.h", "compiler.h", "errno.h", "fcntl.h", "file.h", "fs.h",
      "fsnotify.h", "kernel.h", "limits.h", "minmax.h", "sched.h", "sched/xacct.h", "security.h",
      "slab.h",
      "syscalls.h",
      "uaccess.h", "uio.h", "ukl_shortcut.h",
    ]
    if shape == .socket { names.formUnion(["net.h", "socket.h"]) }
    var list = names.sorted().map { "<linux/\($0)>" }
    if shape == .socket {
      if features.flowSteeringHeader { list.append("<net/rps.h>") }
      list.append("<net/sock.h>")
      if self == .tcp { list.append("<net/tcp.h>") }
      if self == .udp { list += ["<net/inet_common.h>", "<net/udp.h>"] }
      if policy.keeps(.tracepoints) { list.append("<trace/events/sock.h>") }
      if self == .udp, !isModule { list += ["\"udp_impl.h\"", "\"../ipv6/udp_impl.h\""] }
    }
    return list + (isModule ? ["\"ukl_shortcut_found.h\""] : [])
  }

  /// What its kind of descriptor makes certain, as comments above the code.
  var facts: [String] {
    switch shape {
    case .socket: [Self.socketFact]
    case .stream: [Self.streamFact]
    case .file: []
    }
  }

  private static let socketFact = """
    /* What the ordinary path checks and this one need not: sock_from_file() knows
     * only files of sock_alloc_file(), which are readable, writable, without a
     * position and not regular. So the FMODE checks, f_pos and its lock, -ESPIPE
     * and file_start_write() can't have an effect. No call can be queued, because
     * msg_iocb is NULL as it is for recv(2) and send(2).
     */
    """

  private static let streamFact = """
    /* What the ordinary path checks and this one need not: these files have no
     * position and are not regular, so f_pos and its lock, -ESPIPE and
     * file_start_write() can't have an effect; their table has the functions that
     * FMODE_CAN_READ and FMODE_CAN_WRITE stand for.
     */
    """
}
