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
        "ranked": .lines(ranked),
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

  private var others: [String] {
    document.candidates.filter { $0.verdict != .shortcut }.map {
      "\(Markdown.code($0.id)) (\($0.verdict.rawValue)): \(Markdown.text($0.why))."
    }
  }

  private var advice: [String] {
    document.advice.map { "\($0.option): \(percent($0.share)): \(Markdown.text($0.why))." }
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
        "hops": .lines(hops(candidate)), "savings": .lines(savings(candidate)),
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
    ] + arguments(candidate) + [
      "Leaf: \(Markdown.code(candidate.leaf ?? "unknown")), at least "
        + "\(percent(candidate.monomorphicLowerBound95)) of its traffic with 95 % confidence"
    ]
  }

  /// What the counted calls were asked for.
  private func arguments(_ candidate: Candidate) -> [String] {
    func line(_ name: String, _ counts: Candidate.Distribution?) -> [String] {
      guard let counts else { return [] }
      let shown = counts.values.prefix(4).map { "\($0.value) (\(counted($0.calls, "call")))" }
      let rest = counts.distinct - shown.count
      return ["\(name): \(shown.joined(separator: ", "))\(rest > 0 ? ", and \(rest) more" : "")"]
    }
    return line("Descriptors", candidate.descriptors) + line("Bytes asked for", candidate.sizes)
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

  private func savings(_ candidate: Candidate) -> [String] {
    func line(_ name: String, _ saving: Saving) -> String {
      "\(name): \(percent(saving.share)), 95 % interval \(percent(saving.low95)) to "
        + "\(percent(saving.high95))"
    }
    let hops = candidate.saves.hops
    let cost = percent(hops.stubCost / Double(max(document.total, 1)))
    return [
      line("Hops", hops) + "; the stub's own cost, \(cost), is subtracted",
      line("Entry and exit", candidate.saves.transition)
        + "; what the scheduler does there is not counted",
    ]
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
