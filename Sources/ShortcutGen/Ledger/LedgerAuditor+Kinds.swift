extension LedgerAuditor {
  /// Audits a kind of stub without a recording: from the system call's own function on, and for
  /// `read` and `write` on sockets from the function in the file's operations as well.
  public func audit(_ kind: StubKind) -> LedgerAudit? {
    guard let call = catalog.systemCalls[kind.syscall],
      let leaf = catalog.leaves(of: kind.catalogFamily, moves: call.moves).first,
      let target = catalog.target(leaf, moves: call.moves),
      let stub = catalog.stub(for: kind.syscall, leaf: target)
    else { return nil }
    var walk = LedgerWalk(
      catalog: catalog, image: image, syscall: kind.syscall, moves: call.moves,
      ledger: stub.ledger)
    let isThroughFile = kind.of.shape == .socket && StubCall.throughFile.contains(kind.syscall)
    let way = kind.call.moves == .toApplication ? "sock_read_iter" : "sock_write_iter"
    return walk.audit(skipping: ["__x64_sys_\(kind.syscall)"], isThroughFile ? [way] : [])
  }
}

extension StubCall {
  /// Those that reach a socket through its file's operations.
  fileprivate static let throughFile: Set<String> = ["read", "write", "readv", "writev"]
}
