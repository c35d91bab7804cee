/// `verify.md` and what is printed: what was run, what came out otherwise, what the mutants show.
public struct VerificationReport {
  private let verification: Verification

  /// A report of these results.
  public init(_ verification: Verification) { self.verification = verification }

  /// The lines for a terminal.
  public var summary: String {
    let lines = verification.kernels.flatMap(summary) + [verification.verdict]
    return lines.map { $0 + "\n" }.joined()
  }

  private func summary(_ kernel: Verification.Kernel) -> [String] {
    var lines = ["Linux \(kernel.release): \(kernel.stubs.counts)"]
    for finding in kernel.stubs.findings where finding.result != .unstable {
      lines.append("  \(finding.line)")
    }
    lines += kernel.complaints.map { "  kernel: \($0)" }
    if let null = kernel.null {
      lines.append("  the ordinary path called in the kernel: \(null.counts)")
    }
    return lines + kernel.mutants.map { "  \($0.line)" }
  }

  /// The whole report.
  public var markdown: String {
    let head = ["# The stubs beside the system calls", "", Markdown.text(verification.verdict) + "."]
    let lines = head + verification.kernels.flatMap(section)
    return lines.map { $0 + "\n" }.joined()
  }

  private func section(_ kernel: Verification.Kernel) -> [String] {
    var lines = ["", "## Linux \(Markdown.text(kernel.release))", ""]
    lines.append("- stubs: \(kernel.stubs.counts)")
    lines.append("- calls repeated as the real system call (R16): \(kernel.stubs.reissued)")
    if let null = kernel.null {
      lines.append("- null test, the ordinary path called in the kernel: \(null.counts)")
    }
    lines += kernel.complaints.map { "- the kernel said: \(Markdown.code($0))" }
    lines += kernel.stubs.findings.flatMap(finding)
    guard !kernel.mutants.isEmpty else { return lines }
    lines += ["", "### Broken rules", "", "| rule | what was changed | noticed by |", "|---|---|---|"]
    return lines
      + kernel.mutants.map { mutant in
        "| \(mutant.rule) | \(Markdown.code(mutant.change)) | \(Markdown.text(mutant.notice)) |"
      }
  }

  private func finding(_ finding: ModuleResult.Finding) -> [String] {
    var lines = ["", "### \(Markdown.code(finding.scenario)): \(finding.result.rawValue)", ""]
    if let expected = finding.expected { lines.append("- system call: \(Markdown.code(expected))") }
    if let seen = finding.seen { lines.append("- stub: \(Markdown.code(seen))") }
    return lines + finding.console.map { "- console: \(Markdown.code($0))" }
  }
}

extension ModuleResult {
  fileprivate var counts: String {
    var parts = ["\(counted(UInt64(count), "scenario"))", "\(equal) equal", "\(different) different"]
    if lost > 0 { parts.append("\(lost) lost the guest") }
    if unstable > 0 { parts.append("\(unstable) unstable in themselves") }
    if skipped > 0 { parts.append("\(skipped) not possible in this kernel") }
    return parts.joined(separator: ", ") + (isComplete ? "" : "; not all were run")
  }
}

extension ModuleResult.Finding {
  fileprivate var line: String {
    let call = expected.map { "\n    system call: \($0)" } ?? ""
    return "\(result.rawValue) \(scenario)\(call)" + (seen.map { "\n    stub: \($0)" } ?? "")
  }
}

extension Verification.MutantResult {
  fileprivate var notice: String { caught ?? excuse ?? "nothing: this rule is untested" }
  fileprivate var line: String { "without \(change): \(notice)" }
}
