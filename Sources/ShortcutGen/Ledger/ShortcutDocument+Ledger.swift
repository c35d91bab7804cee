extension ShortcutDocument {
  /// The document with ledgers that were audited: a shortcut that would skip something nobody has
  /// classified becomes `unsupported`, and says what it is.
  public func audited(_ auditor: LedgerAuditor) -> ShortcutDocument {
    var out = self
    for index in candidates.indices {
      guard let audit = auditor.audit(candidates[index]) else { continue }
      out.candidates[index].ledger = audit.rows(after: candidates[index].ledger)
      guard candidates[index].verdict == .shortcut, let refusal = audit.refusal else { continue }
      out.candidates[index].verdict = .unsupported
      out.candidates[index].why = refusal
      out.candidates[index].stub = nil
    }
    let plan = ShortcutPlan(out.candidates)
    out.plan = plan.entries.isEmpty ? nil : plan.id
    return out
  }

  /// One line for each shortcut of another document that this one, audited, refuses.
  public func refusals(since other: ShortcutDocument) -> [String] {
    zip(other.candidates, candidates).compactMap { before, after in
      before.verdict == .shortcut && after.verdict != .shortcut ? "\(after.id): \(after.why)" : nil
    }
  }
}
