import Profiler

// What a report says of savings, of evidence and of UKL's other options.

extension Report {
  /// What all shortcuts do together, by policy.
  var predictions: [String] {
    guard let first = document.predictions.first else { return [] }
    let machine = first.machine == nil ? [] : ["of the machine"]
    return [markup.text((document.predicted ?? "").capitalizedSentence + "."), ""]
      + markup.table(
        ["policy", "of the process"] + machine + ["throughput", "95 % interval"],
        numbers: Set(1...(3 + machine.count)),
        document.predictions.map { line in
          [markup.code(line.policy), percent(line.share.value)]
            + (line.machine.map { [percent($0.value)] } ?? [])
            + [signedPercent(line.throughput.value), signedInterval(line.throughput)]
        })
  }

  private func signedInterval(_ estimate: Estimate) -> String {
    "\(signedPercent(estimate.low95)) to \(signedPercent(estimate.high95))"
  }

  /// Where each system call ends.
  var systemCalls: [String] {
    let hasLeaves = document.systemCalls.contains { $0.callsByLeaf != nil }
    return markup.table(
      ["call", "call sites", "samples", "leaves", "at least"]
        + (hasLeaves ? ["calls by leaf"] : []),
      numbers: [1, 2, 4],
      document.systemCalls.map { call in
        [
          markup.code(call.syscall), "\(call.sites)", "\(call.samples)",
          call.leaves.isEmpty ? "–" : counts(call.leaves), percent(call.monomorphicLowerBound95),
        ]
          + (hasLeaves
            ? [
              call.callsByLeaf.map { countsOf($0, all: call.calls ?? 0) }
                ?? call.calls.map { "\(markup.text("unknown")) \($0)" } ?? "–"
            ] : [])
      }) + descriptors
  }

  /// Where calls on each descriptor end, by call site.
  private var descriptors: [String] {
    let rows = document.candidates.filter { $0.callsByLeaf != nil }.flatMap { candidate in
      (candidate.descriptors?.values ?? []).map { descriptor in
        [
          markup.code(candidate.id), "\(descriptor.value)", "\(descriptor.calls)",
          descriptor.leaves.map(counts) ?? "–",
          descriptor.monomorphicLowerBound95.map(percent) ?? "–",
        ]
      }
    }
    guard !rows.isEmpty else { return [] }
    let lead =
      "By descriptor, all calls counted; leaves are those of the samples taken in them. A number "
      + "means one open file until it is closed."
    return ["", markup.text(lead), ""]
      + markup.table(
        ["call site", "descriptor", "calls", "leaves, with samples", "at least"],
        numbers: [1, 2, 4], rows)
  }

  /// Calls by leaf, and those of which no sample shows the leaf.
  private func countsOf(_ calls: [String: UInt64], all: UInt64) -> String {
    let rest = all - min(all, calls.values.reduce(0, &+))
    let known = calls.isEmpty ? [] : [counts(calls)]
    return (known + (rest > 0 ? ["\(markup.text("unknown")) \(rest)"] : [])).joined(separator: ", ")
  }

  private func counts(_ functions: [String: UInt64]) -> String {
    functions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\(markup.code($0.key)) \($0.value)" }.joined(separator: ", ")
  }

  /// UKL's other options.
  var advice: [String] {
    document.advice.map { line in
      "\(markup.code(line.option)): \(percent(line.share)), 95 % interval \(percent(line.low95)) to "
        + "\(percent(line.high95)): \(markup.text(line.why))."
        + line.against.map { " Against: \(markup.text($0))." }.joined()
    }
  }

  /// The slots behind a leaf.
  func behind(_ candidate: Candidate) -> [String] {
    guard !candidate.behind.isEmpty else { return [] }
    let lead =
      "Behind the leaf, seen but not offered: what stands in these slots changes while the program "
      + "runs, and no guard of a stub could hold it."
    return [markup.text(lead), ""]
      + markup.table(
        ["slot", "called by", "functions seen, with samples", "call", "evidence"], numbers: [],
        candidate.behind.map { hop in
          [
            markup.code(hop.slot), markup.code(hop.caller), counts(hop.callees), hop.call.rawValue,
            markup.text(hop.evidence),
          ]
        })
  }

  /// Under the report's policy.
  func savings(_ candidate: Candidate) -> [String] {
    func line(_ name: String, _ saving: Saving) -> String {
      "\(name): \(percent(saving.share)), 95 % interval \(percent(saving.low95)) to "
        + "\(percent(saving.high95))"
    }
    let (hops, entry) = (candidate.saves.hops, candidate.saves.transition)
    func cost(_ saving: Saving) -> String {
      percent(saving.stubCost / Double(max(document.total, 1)))
    }
    return [
      line("Hops", hops) + "; the stub's own cost, \(cost(hops)), is subtracted",
      line("Entry and exit", entry) + "; the mode switches' cost, \(cost(entry)), is subtracted; "
        + "what the scheduler does there is not counted",
      line("Together", candidate.saves.total),
    ] + (candidate.saves.perCall.map(each) ?? [])
  }

  private func each(_ call: PerCall) -> [String] {
    func number(_ value: Double) -> String { String(Int(value.rounded())) }
    func interval(_ estimate: Estimate) -> String {
      "\(number(estimate.value)) [\(number(estimate.low95))–\(number(estimate.high95))]"
    }
    let line =
      "For each of \(call.calls) calls, in \(call.unit): inside \(number(call.inside)); "
      + "skipped of the trunk \(number(call.skipped)), the stub's own \(number(call.stub)), saved "
      + "\(interval(call.hops)); entry and exit saved \(interval(call.transition))"
    return [markup.text(line)]
  }

  /// Under each policy.
  func policies(_ candidate: Candidate) -> [String] {
    markup.table(
      ["policy", "hops", "entry and exit", "together", "95 % interval"], numbers: [1, 2, 3, 4],
      candidate.saves.policies.map {
        [
          markup.code($0.policy), percent($0.hops.share), percent($0.transition.share),
          percent($0.total.share), "\(percent($0.total.low95)) to \(percent($0.total.high95))",
        ]
      })
  }
}
