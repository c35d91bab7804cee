import Profiler

/// `report.md` and `report.html`: the analysis for the person who reviews the code.
public struct Report: Sendable {
  /// A form of the report.
  public enum Form: Sendable {
    /// For an editor and for code review.
    case markdown
    /// One page that needs nothing else, with a picture; an SVG.
    case page(flameGraph: String)
  }

  let document: ShortcutDocument
  private let templates: TemplateSet
  private let toolVersion: String
  private let form: Form
  let markup: any Markup

  /// The report of what `shortcuts.json` says.
  public init(
    _ document: ShortcutDocument, templates: TemplateSet, toolVersion: String, form: Form
  ) {
    self.document = document
    self.templates = templates
    self.toolVersion = toolVersion
    self.form = form
    markup = if case .markdown = form { MarkdownMarkup() } else { HTMLMarkup() }
  }

  /// The whole report.
  ///
  /// - Throws: ``TemplateError`` where a template was changed so that it no longer fits.
  public func text() throws(TemplateError) -> String {
    var sections: [String] = []
    for (number, candidate) in chosen.enumerated() {
      sections.append(try shortcut(candidate, number: number + 1))
    }
    var values: [String: TemplateValue] = [
      "toolVersion": .text(markup.text(toolVersion)),
      "recording": .text(markup.code(document.recording.file)),
      "facts": .lines(analysedFacts + (document.facts ?? []).map(markup.text)),
      "notes": .lines(document.notes.map(markup.text)),
      "ranked": .lines(ranked), "predictions": .lines(predictions),
      "systemCalls": .lines(systemCalls),
      "shortcuts": .items(sections, as: "shortcut"),
      "others": .lines(others.isEmpty ? ["none"] : others),
      "advice": .lines(advice.isEmpty ? ["nothing that this recording shows"] : advice),
      "groups": .lines(groups),
    ]
    if case .page(let flameGraph) = form {
      values["title"] = .text(markup.text(document.recording.comm))
      values["contents"] = .lines(contents)
      values["picture"] = .text(Base64.encoded(Array(flameGraph.utf8)))
    }
    return try templates.render(markup.templates.whole, values)
  }

  private var chosen: [Candidate] { document.candidates.filter(document.isGenerated) }

  /// Links to the shortcuts.
  private var contents: [String] {
    chosen.enumerated().map { number, candidate in
      let saved = candidate.saves.hops.share + candidate.saves.transition.share
      return "<a href=\"#shortcut-\(number + 1)\">\(markup.code(candidate.id))</a> saves "
        + markup.text(percent(saved))
    }
  }

  private var analysedFacts: [String] {
    let recording = document.recording
    let share = recording.groups.filter(\.analysed).reduce(0) { $0 + $1.share }
    let layout =
      document.layout == "ukl"
      ? "the application linked into the UKL kernel" : "a process of plain Linux"
    return [
      "Analysed: \(markup.code(recording.comm)), process \(list(recording.pids)), \(layout): "
        + "\(document.total) \(document.weight), \(percent(share)) of what was recorded.",
      "Event: \(markup.code(document.event)). "
        + "Kernel: \(recording.kernel.map(markup.code) ?? "not named in the recording").",
    ] + stubFacts
  }

  /// What the stubs keep and fit, and for which policy the figures are where it is another one.
  private var stubFacts: [String] {
    guard let policy = document.policy, let fit = document.fit else { return [] }
    let told = document.predictions.first?.policy ?? "\(policy)"
    let figures =
      told == "\(policy)"
      ? "" : " What is saved is told for \(markup.code(told)), as it was analysed."
    return ["Stubs: \(markup.code("\(policy)")), fitted to \(markup.text(fit.source)).\(figures)"]
  }

  private func list(_ pids: [Int32]) -> String { pids.map(String.init).joined(separator: ", ") }

  private var ranked: [String] {
    let table = RankedTable(document)
    let remark = table.remark.map { ["", markup.text($0.capitalizedSentence + ".")] } ?? []
    return table.lines(markup) + remark
  }

  private var others: [String] {
    document.candidates.filter { !document.isGenerated($0) }.map {
      let verdict = $0.verdict == .shortcut ? "shortcut, not selected" : $0.verdict.rawValue
      return "\(markup.code($0.id)) (\(verdict)): \(markup.text($0.why))."
    }
  }

  private var groups: [String] {
    markup.table(
      ["process", "pid", "share", ""], numbers: [1, 2],
      document.recording.groups.map {
        [markup.code($0.comm), "\($0.pid)", percent($0.share), $0.analysed ? "analysed" : ""]
      })
  }
}

// One shortcut.
extension Report {
  private func shortcut(_ candidate: Candidate, number: Int) throws(TemplateError) -> String {
    var values: [String: TemplateValue] = [
      "id": .text(markup.code(candidate.id)),
      "verification": .text(markup.text(candidate.verification?.sentence ?? "NOT VERIFIED")),
      "sentence": .text("\(markup.text(candidate.why.capitalizedSentence))."),
      "where": .lines(place(candidate)), "source": .lines(source(candidate)),
      "trunk": .lines(trunk(candidate)), "hops": .lines(hops(candidate)),
      "behind": .lines(behind(candidate)), "policies": .lines(policies(candidate)),
      "guards": .lines(guards(candidate)), "savings": .lines(savings(candidate)),
      "ledger": .lines(ledger(candidate)), "files": .lines(files(candidate)),
      "stub": .lines(code(candidate.review?.stub, language: "c")),
      "application": .text(markup.text(candidate.review?.application ?? "")),
      "diff": .lines(code(candidate.review?.diff, language: "diff")),
      "decisions": .lines((candidate.review?.decisions ?? []).map(markup.text)),
    ]
    if case .page = form { values["anchor"] = .text("shortcut-\(number)") }
    return try templates.renderPart(markup.templates.shortcut, values)
  }

  private func place(_ candidate: Candidate) -> [String] {
    let site = candidate.site
    let line = site.file.map { file in " at \(markup.code("\(file):\(site.line ?? 0)"))" } ?? ""
    return [
      "Call site: \(markup.code(site.shown))\(line), symbol \(markup.code(site.symbol ?? "unknown"))",
      "Call: \(markup.code(candidate.wrapper ?? candidate.syscall)), "
        + "\(counted(candidate.samples, "sample"))"
        + (candidate.calls.map { ", \(counted($0, "call"))" } ?? ""),
    ] + arguments(candidate) + [
      "Leaf: \(markup.code(candidate.leaf ?? "unknown")), at least "
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

  private func source(_ candidate: Candidate) -> [String] {
    let lines = candidate.review?.source ?? []
    return lines.isEmpty
      ? [markup.text("The application's sources were not given, or don't hold the call.")]
      : markup.source(lines)
  }

  private func trunk(_ candidate: Candidate) -> [String] {
    let frames = candidate.review?.frames ?? []
    return markup.table(
      ["frame", "self", "inclusive", "what it does", "in the stub"], numbers: [1, 2],
      candidate.trunk.enumerated().map { index, entry in
        let frame = frames.indices.contains(index) ? frames[index] : nil
        return [
          markup.code(entry.function), "\(entry.`self`)", "\(entry.inclusive)",
          markup.text(frame?.does.joined(separator: "; ") ?? ""),
          markup.text(frame?.becomes.joined(separator: "; ") ?? ""),
        ]
      })
  }

  private func hops(_ candidate: Candidate) -> [String] {
    markup.table(
      ["from", "to", "slot", "table", "call", "evidence"], numbers: [],
      candidate.hops.map {
        [
          markup.code($0.caller), markup.code($0.callee), markup.code($0.slot),
          $0.table.map(markup.code) ?? "", $0.call.rawValue, markup.text($0.evidence),
        ]
      })
  }

  private func guards(_ candidate: Candidate) -> [String] {
    markup.table(
      ["the stub checks that", "else"], numbers: [],
      (candidate.review?.guards ?? []).map { [markup.text($0.check), markup.text($0.otherwise)] })
  }

  private func ledger(_ candidate: Candidate) -> [String] {
    markup.table(
      ["effect", "on the ordinary path", "the stub", "how"], numbers: [],
      candidate.ledger.map {
        [
          markup.text($0.effect), markup.code($0.function), markup.text($0.status),
          markup.text($0.note),
        ]
      })
  }

  private func files(_ candidate: Candidate) -> [String] {
    [
      "Stub: \(markup.code(candidate.stub ?? "")) in "
        + markup.code(candidate.review?.stub?.file ?? "kernel/"),
      "Its use: \(markup.code("app/ukl_shortcut.h")); names to map back: "
        + markup.code("app/redef_sym_names"),
    ]
  }

  private func code(_ piece: Review.Code?, language: String) -> [String] {
    piece.map { markup.block($0.text, language: language) } ?? []
  }
}

extension String {
  var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() }
}
