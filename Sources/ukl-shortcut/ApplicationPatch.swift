import ShortcutGen

/// What `--app-source` gives: the patch of the application, and what became of each call site.
struct ApplicationPatch {
  let patch: GeneratedFile?
  /// One line for each site.
  let sentences: [String]
  /// The same by candidate id.
  let byCandidate: [String: String]
  private let places: [String: SourceLocation]

  init(_ plan: ShortcutPlan, source folder: String) throws {
    let sites = plan.callSites
    let diff = ApplicationDiff(sites: sites.map(\.site), in: try SourceTree(folder: folder))
    patch = diff.patch.isEmpty ? nil : GeneratedFile(path: "app/app.patch", bytes: diff.patch)
    var (lines, places): ([String: String], [String: SourceLocation]) = ([:], [:])
    for (site, answer) in zip(sites, diff.answers) {
      lines[site.candidate] = ApplicationPatch.sentence(answer)
      if case .patched(let place) = answer.outcome { places[site.candidate] = place }
    }
    for id in plan.sitesWithoutFunction {
      lines[id] = "no diff: the recording doesn't name the function that calls"
    }
    let order = sites.map(\.candidate) + plan.sitesWithoutFunction
    sentences = order.map { id in "\(id): \(lines[id] ?? "")" }
    byCandidate = lines
    self.places = places
  }

  /// The document with the places in the source that the diff found.
  func located(_ document: ShortcutDocument) -> ShortcutDocument {
    document.locating { id in places[id].map { ($0.file, $0.line) } }
  }

  private static func sentence(_ answer: SiteAnswer) -> String {
    switch answer.outcome {
    case .patched(let place): "app.patch calls \(answer.replacement ?? "it") at \(place)"
    case .alreadyThere(let place):
      "the source calls \(answer.replacement ?? "it") already, at \(place)"
    case .refused(let reason): "no diff: \(reason)"
    }
  }
}
