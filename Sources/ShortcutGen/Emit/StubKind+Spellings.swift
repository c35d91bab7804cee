extension StubKind {
  /// How sources may call the stub's system call, and what stands in for each.
  ///
  /// libc's `recv` and `send` make the calls `recvfrom` and `sendto`, with an address of null.
  var spellings: [CallSite.Spelling] {
    let own = CallSite.Spelling(
      name: syscall, arity: parameters.count, replacement: "ukl_\(name)")
    let plain =
      wrapper == syscall
      ? [] : [CallSite.Spelling(name: wrapper, arity: own.arity, replacement: own.replacement)]
    return [own] + plain + [addressless].compactMap(\.self)
  }

  /// The same call without addresses.
  var addressless: CallSite.Spelling? {
    let shorter = ["recvfrom": "recv", "sendto": "send"]
    return shorter[syscall].map {
      CallSite.Spelling(
        name: $0, arity: parameters.count - 2, replacement: "ukl_shortcut_\(family)_\($0)")
    }
  }
}
