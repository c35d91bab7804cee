import Profiler

/// `report.md`: the analysis for the person who reviews the code.
public struct MarkdownReport: Sendable {
  private let document: ShortcutDocument
  private let templates: TemplateSet
  private let facts: [String]
  private let toolVersion: String
  private let application: [String: String]

  /// - Parameters:
  ///   - facts: lines on the recording: health, symbols.
  ///   - application: by candidate id, what the application diff does at its site.
  public init(
    _ document: ShortcutDocument, templates: TemplateSet, facts: [String], toolVersion: String,
    application: [String: String]
  ) {
    self.document = document
    self.templates = templates
    self.facts = facts
    self.toolVersion = toolVersion
    self.application = application
  }

  /// The whole report.
  ///
  /// - Throws: ``TemplateError`` where a template was changed so that it no longer fits.
  public func text() throws(TemplateError) -> String {
    var sections: [String] = []
    for candidate in document.candidates where candidate.verdict == .shortcut {
      sections.append(try shortcut(candidate))
    }
    return try templates.render(
      "report",
      [
        "toolVersion": .text(toolVersion),
        "recording": .text(Markdown.code(document.recording.file)),
        "facts": .lines(analysedFacts + facts.map(Markdown.text)),
        "notes": .lines(document.notes.map(Markdown.text)),
        "ranked": .lines(ranked), "predictions": .lines(predictions),
        "systemCalls": .lines(systemCalls),
        "shortcuts": .items(sections, as: "shortcut"),
        "others": .lines(others.isEmpty ? ["none"] : others),
        "advice": .lines(advice.isEmpty ? ["nothing that this recording shows"] : advice),
        "groups": .lines(groups),
      ])
  }

  private var analysedFacts: [String] {
    let recording = document.recording
    let share = recording.groups.filter(\.analysed).reduce(0) { $0 + $1.share }
    let layout =
      document.layout == "ukl"
      ? "the application linked into the UKL kernel" : "a process of plain Linux"
    return [
      "Analysed: \(Markdown.code(recording.comm)), process \(list(recording.pids)), \(layout): "
        + "\(document.total) \(document.weight), \(percent(share)) of what was recorded.",
      "Event: \(Markdown.code(document.event)). "
        + "Kernel: \(recording.kernel.map(Markdown.code) ?? "not named in the recording").",
    ]
  }

  private func list(_ pids: [Int32]) -> String { pids.map(String.init).joined(separator: ", ") }

  private var ranked: [String] {
    let table = RankedTable(document)
    return table.markdown + (table.remark.map { ["", $0.capitalizedSentence + "."] } ?? [])
  }

  private var systemCalls: [String] {
    ["| call | call sites | samples | leaves | at least |", "|---|--:|--:|---|--:|"]
      + document.systemCalls.map { call in
        let leaves = call.leaves.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
          .map { "\(Markdown.code($0.key)) \($0.value)" }.joined(separator: ", ")
        return "| \(Markdown.code(call.syscall)) | \(call.sites) | \(call.samples) | "
          + "\(leaves.isEmpty ? "–" : leaves) | \(percent(call.monomorphicLowerBound95)) |"
      }
  }

  private var predictions: [String] {
    guard let first = document.predictions.first else { return [] }
    return [
      document.predicted.map { "\(Markdown.text($0.capitalizedSentence))." } ?? "", "",
      "| policy | of the process | \(first.machine == nil ? "" : "of the machine ")| throughput "
        + "| 95 % interval |",
      "|---|--:|\(first.machine == nil ? "" : "--:|")--:|--:|",
    ]
      + document.predictions.map { line in
        "| \(Markdown.code(line.policy)) | \(percent(line.share.value)) | "
          + (line.machine.map { "\(percent($0.value)) | " } ?? "")
          + "\(signedPercent(line.throughput.value)) | \(signedPercent(line.throughput.low95)) to "
          + "\(signedPercent(line.throughput.high95)) |"
      }
  }

  private var others: [String] {
    document.candidates.filter { $0.verdict != .shortcut }.map {
      "\(Markdown.code($0.id)) (\($0.verdict.rawValue)): \(Markdown.text($0.why))."
    }
  }

  private var advice: [String] {
    document.advice.map { line in
      "**\(line.option)**: \(percent(line.share)) [\(percent(line.low95)) to "
        + "\(percent(line.high95))]: \(Markdown.text(line.why))."
        + line.against.map { " Against: \(Markdown.text($0))." }.joined()
    }
  }

  private var groups: [String] {
    ["| process | pid | share | |", "|---|--:|--:|---|"]
      + document.recording.groups.map {
        "| \(Markdown.code($0.comm)) | \($0.pid) | \(percent($0.share)) "
          + "| \($0.analysed ? "analysed" : "") |"
      }
  }
}

// One shortcut.
extension MarkdownReport {
  private func shortcut(_ candidate: Candidate) throws(TemplateError) -> String {
    try templates.renderPart(
      "report_shortcut",
      [
        "id": .text(Markdown.code(candidate.id)),
        "sentence": .text("\(Markdown.text(candidate.why.capitalizedSentence))."),
        "where": .lines(place(candidate)), "trunk": .lines(trunk(candidate)),
        "hops": .lines(hops(candidate)), "behind": .lines(behind(candidate)),
        "savings": .lines(savings(candidate)),
        "policies": .lines(policies(candidate)),
        "ledger": .lines(ledger(candidate)), "files": .lines(files(candidate)),
        "application": .text(
          Markdown.text(application[candidate.id] ?? "give --app-source to get app.patch")),
        "decisions": .lines(decisions(candidate)),
      ])
  }

  private func place(_ candidate: Candidate) -> [String] {
    let site = candidate.site
    let line = site.file.map { file in " at \(Markdown.code("\(file):\(site.line ?? 0)"))" } ?? ""
    return [
      "Call site: \(Markdown.code(site.shown))\(line), symbol "
        + "\(Markdown.code(site.symbol ?? "unknown"))",
      "Call: \(Markdown.code(candidate.wrapper ?? candidate.syscall)), "
        + "\(counted(candidate.samples, "sample"))"
        + (candidate.calls.map { ", \(counted($0, "call"))" } ?? ""),
      "Leaf: \(Markdown.code(candidate.leaf ?? "unknown")), at least "
        + "\(percent(candidate.monomorphicLowerBound95)) of its traffic with 95 % confidence",
    ]
  }

  private func trunk(_ candidate: Candidate) -> [String] {
    ["| frame | self | inclusive |", "|---|--:|--:|"]
      + candidate.trunk.map { "| \(Markdown.code($0.function)) | \($0.`self`) | \($0.inclusive) |" }
  }

  private func hops(_ candidate: Candidate) -> [String] {
    ["| from | to | slot | table | call | evidence |", "|---|---|---|---|---|---|"]
      + candidate.hops.map {
        "| \(Markdown.code($0.caller)) | \(Markdown.code($0.callee)) | \(Markdown.code($0.slot)) "
          + "| \($0.table.map(Markdown.code) ?? "") | \($0.call.rawValue) | \($0.evidence) |"
      }
  }

  private func behind(_ candidate: Candidate) -> [String] {
    guard !candidate.behind.isEmpty else { return [] }
    return [
      "Behind the leaf, seen but not offered: what stands in these slots changes while the program "
        + "runs, and no guard of a stub could hold it.", "",
      "| slot | called by | functions seen, with samples | call | evidence |",
      "|---|---|---|---|---|",
    ]
      + candidate.behind.map { hop in
        let callees = hop.callees.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
          .map { "\(Markdown.code($0.key)) \($0.value)" }.joined(separator: ", ")
        return "| \(Markdown.code(hop.slot)) | \(Markdown.code(hop.caller)) | \(callees) "
          + "| \(hop.call.rawValue) | \(hop.evidence) |"
      }
  }

  private func savings(_ candidate: Candidate) -> [String] {
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
    return [
      "For each of \(call.calls) calls, in \(Markdown.text(call.unit)): inside \(number(call.inside)); "
        + "skipped of the trunk \(number(call.skipped)), the stub's own \(number(call.stub)), saved "
        + "\(interval(call.hops)); entry and exit saved \(interval(call.transition))"
    ]
  }

  private func policies(_ candidate: Candidate) -> [String] {
    ["| policy | hops | entry and exit | together | 95 % interval |", "|---|--:|--:|--:|--:|"]
      + candidate.saves.policies.map {
        "| \(Markdown.code($0.policy)) | \(percent($0.hops.share)) | \(percent($0.transition.share)) "
          + "| \(percent($0.total.share)) "
          + "| \(percent($0.total.low95)) to \(percent($0.total.high95)) |"
      }
  }

  private func ledger(_ candidate: Candidate) -> [String] {
    ["| effect | on the ordinary path | the stub | how |", "|---|---|---|---|"]
      + candidate.ledger.map {
        "| \($0.effect) | \(Markdown.code($0.function)) | \($0.status) | \(Markdown.text($0.note)) |"
      }
  }

  private func files(_ candidate: Candidate) -> [String] {
    [
      "Stub: \(Markdown.code(candidate.stub ?? "")) in `kernel/ukl-shortcuts.patch`, "
        + "policy faithful",
      "Its use: `app/ukl_shortcut.h`; names to map back: `app/redef_sym_names`",
    ]
  }

  private func decisions(_ candidate: Candidate) -> [String] {
    let dropped = candidate.ledger.filter { $0.status == "dropped" }.map {
      "dropped: \($0.effect) (\(Markdown.code($0.function))): \(Markdown.text($0.note))"
    }
    return [
      "no other kind of descriptor reaches \(Markdown.code(candidate.site.shown)) so often that the "
        + "fall-back to the ordinary path would cost more than the shortcut saves"
    ] + dropped + ["the excluded effects in the table above are excluded in your kernel too"]
  }
}

extension String {
  fileprivate var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() }
}
