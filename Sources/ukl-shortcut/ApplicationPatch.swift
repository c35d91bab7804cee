import ShortcutGen

/// What `--app-source` gives: the patch of the application, and what became of each call site.
struct ApplicationPatch {
  /// Where the patch lies in an output folder.
  static let path = "app/app.patch"

  let patch: GeneratedFile?
  /// The files that it changes, below the sources' folder.
  let changed: [String]
  /// One line for each site.
  let sentences: [String]
  /// The same by candidate id, with the source around the call.
  let reviews: [String: ReviewMaker.Place]
  private let places: [String: SourceLocation]

  init(_ plan: ShortcutPlan, source folder: String) throws {
    let sites = plan.callSites
    let tree = try SourceTree(folder: folder)
    let diff = ApplicationDiff(sites: sites.map(\.site), in: tree)
    patch = diff.patch.isEmpty ? nil : GeneratedFile(path: Self.path, bytes: diff.patch)
    changed = diff.diffs.map(\.path)
    var (lines, places): ([String: String], [String: SourceLocation]) = ([:], [:])
    for (site, answer) in zip(sites, diff.answers) {
      lines[site.candidate] = ApplicationPatch.sentence(answer)
      switch answer.outcome {
      case .patched(let place), .alreadyThere(let place): places[site.candidate] = place
      case .refused: break
      }
    }
    for id in plan.sitesWithoutFunction {
      lines[id] = "no diff: the recording doesn't name the function that calls"
    }
    let order = sites.map(\.candidate) + plan.sitesWithoutFunction
    sentences = order.map { id in "\(id): \(lines[id] ?? "")" }
    reviews = Dictionary(
      uniqueKeysWithValues: lines.map { id, sentence in
        (id, ApplicationPatch.review(sentence, places[id], diff, tree))
      })
    self.places = places
  }

  private static func review(
    _ sentence: String, _ place: SourceLocation?, _ diff: ApplicationDiff, _ tree: SourceTree
  ) -> ReviewMaker.Place {
    guard let place else { return ReviewMaker.Place(source: [], diff: nil, sentence: sentence) }
    let source = (try? tree.bytes(of: place.file)).map { Review.lines(of: $0, around: place.line) }
    let change = diff.diffs.first { $0.path == place.file }
    return ReviewMaker.Place(
      source: source ?? [],
      diff: change.map { Review.Code(file: path, text: $0.text) }, sentence: sentence)
  }

  /// The document with the places in the source that the diff found.
  func located(_ document: ShortcutDocument) -> ShortcutDocument {
    document.locating { places[$0] }
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
