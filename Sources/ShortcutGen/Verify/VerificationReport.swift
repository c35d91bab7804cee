import Profiler

/// `verify.md` and what is printed: what was run, what came out otherwise, what the mutants show.
public struct VerificationReport {
  private let verification: Verification

  /// A report of these results.
  public init(_ verification: Verification) { self.verification = verification }

  /// The lines for a terminal.
  public var summary: String {
    let lines = verification.kernels.flatMap(summary)
    return (lines + verdicts).map { $0 + "\n" }.joined()
  }

  private var verdicts: [String] {
    verification.stubs.map { "\($0): \(verification.verdict(of: $0))" }
  }

  private func summary(_ kernel: Verification.Kernel) -> [String] {
    var lines = ["Linux \(kernel.release): \(kernel.stubs.counts)"]
    for finding in kernel.stubs.findings where finding.result != .unstable {
      lines.append("  \(finding.line)")
    }
    lines += kernel.complaints.map { "  kernel: \(printable($0))" }
    if let null = kernel.null {
      lines.append("  the ordinary path called in the kernel: \(null.counts)")
      for finding in null.findings where finding.result != .unstable {
        lines.append("  \(finding.line)")
      }
    }
    return lines + kernel.mutants.map { "  \($0.line)" }
  }

  /// The whole report.
  public var markdown: String {
    let head = ["# The stubs beside the system calls", ""]
    let lines =
      head + verdicts.map { "- \(Markdown.text($0))" }
      + verification.kernels.flatMap(section)
    return lines.map { $0 + "\n" }.joined()
  }

  private func section(_ kernel: Verification.Kernel) -> [String] {
    var lines = ["", "## Linux \(Markdown.text(kernel.release))", ""]
    lines.append("- \(kernel.stubs.counts)")
    lines.append("- calls repeated as the real system call (R16): \(kernel.stubs.repeated)")
    if let null = kernel.null {
      lines.append("- null test, the ordinary path called in the kernel: \(null.counts)")
    }
    lines += kernel.complaints.map { "- the kernel said: \(Markdown.code($0))" }
    lines += table(kernel.stubs)
    lines += kernel.stubs.findings.flatMap(finding)
    lines += (kernel.null?.findings ?? []).flatMap(finding)
    return lines + costs(kernel) + mutants(kernel)
  }

  private func table(_ module: ModuleResult) -> [String] {
    let head = [
      "",
      "| stub | scenarios | equal | dropped by policy | different | lost the guest | unstable "
        + "| not possible |",
      "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    return head
      + module.sorted.map { name, result in
        let numbers = [
          result.count, result.equal, result.dropped, result.different, result.lost,
          result.unstable, result.skipped,
        ]
        return "| `\(name)` | \(numbers.map(String.init).joined(separator: " | ")) |"
      }
  }

  private func costs(_ kernel: Verification.Kernel) -> [String] {
    guard !kernel.costs.isEmpty else { return [] }
    let head = [
      "", "### Instructions a call", "",
      "| stub | bytes | system call | its body, called in the kernel | stub: faithful | lean | "
        + "unguarded | a faithful stub saves of the body |",
      "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    return head
      + kernel.costs.map { cost in
        let numbers = [
          cost.systemCall, cost.body, cost.faithful, cost.lean, cost.unguarded, cost.net,
        ]
        let cells = numbers.map { $0.map { String(Int($0)) } ?? "" }
        return "| `\(cost.stub)` | \(cost.size) | \(cells.joined(separator: " | ")) |"
      }
  }

  private func mutants(_ kernel: Verification.Kernel) -> [String] {
    guard !kernel.mutants.isEmpty else { return [] }
    return rules(kernel)
      + [
        "", "### What was changed", "",
        "| rule | stubs | what was changed | noticed by | how |", "|---|---|---|---|---|",
      ]
      + kernel.mutants.map { mutant in
        "| \(mutant.rule) | \(mutant.family ?? "all") | \(Markdown.code(mutant.change)) | "
          + "\(mutant.caught.map(Markdown.code) ?? Markdown.text(mutant.notice)) | "
          + "\(mutant.result?.rawValue ?? "") |"
      }
  }

  /// One row a rule: what notices that it is broken.
  private func rules(_ kernel: Verification.Kernel) -> [String] {
    let head = [
      "", "### Broken rules", "", "| rule | mutants | noticed | not noticeable | untested | by |",
      "|---|--:|--:|--:|--:|---|",
    ]
    let rules = Dictionary(grouping: kernel.mutants, by: \.rule)
    return head
      + rules.sorted { $0.key.compare(number: $1.key) }.map { rule, mutants in
        let numbers = [
          mutants.count, mutants.count { $0.caught != nil },
          mutants.count { $0.caught == nil && $0.isGood }, mutants.count { !$0.isGood },
        ]
        let scenarios = Set(mutants.compactMap(\.caught)).sorted()
        let shown = scenarios.prefix(3).map(Markdown.code).joined(separator: ", ")
        let more = scenarios.count > 3 ? " and \(scenarios.count - 3) more" : ""
        let cells = numbers.map(String.init).joined(separator: " | ")
        return "| \(rule) | \(cells) | \(shown)\(more) |"
      }
  }

  private func finding(_ finding: StubResult.Finding) -> [String] {
    var lines = ["", "### \(Markdown.code(finding.scenario)): \(finding.result.rawValue)", ""]
    if let expected = finding.expected { lines.append("- system call: \(Markdown.code(expected))") }
    if let seen = finding.seen { lines.append("- stub: \(Markdown.code(seen))") }
    return lines + finding.console.map { "- console: \(Markdown.code($0))" }
  }
}

extension ModuleResult {
  fileprivate var findings: [StubResult.Finding] { sorted.flatMap(\.result.findings) }

  fileprivate var counts: String {
    var parts = [
      counted(UInt64(sum(\.count)), "scenario"), "\(sum(\.equal)) equal",
      "\(sum(\.different)) different",
    ]
    for (number, words) in [
      (sum(\.dropped), "different by what the policy drops"),
      (sum(\.lost), "lost the guest"), (sum(\.unstable), "unstable in themselves"),
      (sum(\.skipped), "not possible in this kernel"),
    ] where number > 0 {
      parts.append("\(number) \(words)")
    }
    let all = parts.joined(separator: ", ")
    return hasAllResults ? all : all + "; not all were run" + (failure.map { ": \($0)" } ?? "")
  }
}

extension StubResult.Finding {
  fileprivate var line: String {
    let call = expected.map { "\n    system call: \($0)" } ?? ""
    return "\(result.rawValue) \(scenario)\(call)" + (seen.map { "\n    stub: \($0)" } ?? "")
  }
}

extension Verification.MutantResult {
  fileprivate var notice: String {
    caught ?? failure ?? excuse ?? "nothing: this rule is untested"
  }
  fileprivate var line: String { "\(family ?? "all") without \(change): \(notice)" }
}

extension String {
  /// R2 before R10; what is no numbered rule behind.
  fileprivate func compare(number other: String) -> Bool {
    let (own, others) = (Int(dropFirst()) ?? .max, Int(other.dropFirst()) ?? .max)
    return own == others ? self < other : own < others
  }
}
