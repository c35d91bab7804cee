extension StubPolicy {
  /// Stands in every file that is generated without guards; `apply` looks for its beginning.
  static let unguardedMark = ReviewedFolder.unguardedMark + ", for measuring only"

  /// The mark as a list: empty where stubs have their guards.
  var marks: TemplateValue { .lines(guards ? [] : [Self.unguardedMark]) }

  /// The policy in sentences, as lines of a comment.
  var sentences: [String] {
    let list = dropped.sorted().map(\.rawValue).joined(separator: ", ")
    let effects =
      dropped.isEmpty
      ? "The policy is faithful: no side effect of the skipped code is dropped."
      : "The policy is lean: of the skipped code's side effects these are dropped: \(list)."
    let checks = guards ? [] : ["No guard checks the descriptor: another kind corrupts memory."]
    return ([effects] + checks).flatMap { CText.wrapped($0, indent: "") }
  }
}

extension StubKind {
  /// What of the trunk's side effects the stub keeps and drops, as lines of a comment.
  func effects(_ policy: StubPolicy) -> [String] {
    let kept = effects.filter { effect in effect.group.map(policy.keeps) ?? true }
    let dropped = effects.filter { effect in effect.group.map { !policy.keeps($0) } ?? false }
    var lines = CText.wrapped("Kept: \(list(kept)).", limit: 1000, indent: "")
    if !dropped.isEmpty {
      lines += CText.wrapped("Dropped: \(list(dropped)).", limit: 1000, indent: "")
    }
    return lines
  }

  private func list(_ effects: [(text: String, group: SideEffect?)]) -> String {
    effects.map(\.text).joined(separator: ", ")
  }

  private var effects: [(text: String, group: SideEffect?)] {
    let isMessage = ["recvfrom", "sendto", "recvmsg", "sendmsg"].contains(syscall)
    let isTCP = of == .tcp
    var list: [(String, SideEffect?)] = [
      ("the reference to the file", nil), ("the check of addresses", nil),
    ]
    switch of.shape {
    case .socket:
      list.append(
        (isMessage ? "the LSM hook of the socket" : "the LSM hooks of file and socket", .lsm))
      if of == .udp { list.append(("binding to a port", nil)) }
      if isTCP || (of == .udp && call.moves == .toApplication) {
        list.append(("receive flow steering", .rps))
      } else if of == .udp {
        list.append(("receive flow steering with it", nil))
      }
      if call.moves == .fromApplication, of != .udp {
        list.append(("SIGPIPE, which the leaf sends", nil))
      }
    case .stream:
      list += [("the check of how it was opened", nil), ("the LSM hook of the file", .lsm)]
    case .file:
      list += [
        ("the check of how it was opened", nil), ("the checks and hooks of rw_verify_area()", .lsm),
        ("the position and its lock", nil), ("the flags of the open file", nil),
      ]
      if call.moves == .fromApplication { list.append(("freeze protection", nil)) }
    }
    list.append(("the limit of MAX_RW_COUNT", nil))
    if of.shape != .file { list.append(("O_NONBLOCK", nil)) }
    if !isMessage {
      list += [("fsnotify", .fsnotify), ("the I/O accounting of the task", .accounting)]
    }
    return list
  }

  /// What each check falls back to, as lines of a comment.
  func fallbacks(_ policy: StubPolicy, _ features: KernelFeatures) -> [String] {
    guard policy.guards else {
      return CText.wrapped(
        "No guards: generated for measuring. Any other descriptor corrupts memory.", indent: "")
    }
    let rows = guards(features).map { "\($0.other) \($0.takes)" }
    let text = "Guards: \(rows.joined(separator: "; "))."
    return CText.wrapped(of.guardRemark.map { "\(text) \($0)" } ?? text, limit: 1000, indent: "")
  }

  /// What the stub checks, in the order in which it does.
  func guards(_ features: KernelFeatures) -> [StubGuard] {
    let body = "\(call.ordinary.prefix { $0 != "(" })()"
    let leaf = leaf(features)
    let slot = call.moves == .toApplication ? "recvmsg" : "sendmsg"
    switch (call.moves, of.shape, of.table) {
    case (.nothing, _, _): return []
    case (_, .socket, _):
      let structure = of.name.hasPrefix("unix") ? "proto_ops" : "proto"
      let leaves = of == .udp ? "\(leaf)() or udpv6_\(slot)()" : "\(leaf)()"
      let way = structure == "proto" ? "proto_ops.\(slot)" : "that pointer"
      return [
        StubGuard(
          check: "the descriptor is a socket", other: "a descriptor that is no socket",
          takes: "takes \(body)"),
        StubGuard(
          check: "\(structure).\(slot), read once, is \(leaves)",
          other: "a socket whose \(structure).\(slot) is not \(leaves)",
          takes: "goes on through \(way)"),
      ]
    case (_, _, let table?):
      return [
        StubGuard(
          check: "the file's operations are \(table)",
          other: "a file whose operations are not \(table)", takes: "takes \(body)")
      ]
    case (_, _, nil):
      return [
        StubGuard(
          check: "the file is regular, has a position, and moves data by the iterator alone",
          other: "what is no regular file with a position, or has another way to move data than "
            + "the iterator,", takes: "takes \(body)")
      ]
    }
  }
}

/// A check that a stub makes.
struct StubGuard: Equatable {
  /// What has to be so.
  let check: String
  /// What isn't so; the subject of `takes`.
  let other: String
  /// What then runs.
  let takes: String
}

extension StubFamily {
  /// What is to be said beside the guards.
  fileprivate var guardRemark: String? {
    shape == .file && table == nil
      ? "The leaf is called through the file's own operations." : nil
  }
}
