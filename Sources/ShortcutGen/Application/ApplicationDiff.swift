/// The change of the application's sources that makes call sites use their shortcuts.
///
/// At each site only the callee's name is replaced, and each changed file gets one
/// `#include "ukl_shortcut.h"`. A site that isn't beyond doubt is refused with the reason. The same
/// sites and tree give the same bytes.
public struct ApplicationDiff: Sendable {
  /// One answer per site, in the order of the sites.
  public let answers: [SiteAnswer]
  /// One diff per changed file, sorted by path.
  public let diffs: [UnifiedDiff]

  /// Looks for the sites in a tree and makes the change.
  ///
  /// - Complexity: reads every file once; takes apart those that mention a wanted function.
  public init(sites: [CallSite], in tree: SourceTree) {
    let index = SourceIndex(
      tree, functions: Set(sites.map(\.baseName)), wrappers: Set(sites.flatMap(\.callees)))
    let resolved = ApplicationDiff.withoutConflicts(
      sites.map { site in
        ResolvedSite(SiteResolver(site: site, index: index, sites: sites))
      })
    answers = resolved.map(\.answer)
    let edits = resolved.compactMap(\.edit)
    diffs = Dictionary(grouping: edits) { $0.place.file.path }.values
      .compactMap(FileEdits.init).map(\.diff)
      .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// The whole patch for `git apply` or `patch -p1`; empty when no file changes.
  public var patch: [UInt8] { diffs.flatMap(\.bytes) }

  /// Refuses calls that two shortcuts claim.
  private static func withoutConflicts(_ sites: [ResolvedSite]) -> [ResolvedSite] {
    let claims = Dictionary(grouping: sites.compactMap(\.edit)) {
      "\($0.place.range.lowerBound):\($0.place.file.path)"
    }
    let disputed = claims.values.filter { Set($0.map(\.place.replacement)).count > 1 }
    return disputed.reduce(sites) { sites, edits in
      let names = Set(edits.map(\.place.replacement)).sorted().joined(separator: " and ")
      return sites.map { $0.refused(if: edits, claimedBy: names) }
    }
  }
}

/// One callee to replace.
private struct Edit {
  let place: CallPlace
}

private struct ResolvedSite {
  let answer: SiteAnswer
  let edit: Edit?

  init(answer: SiteAnswer, edit: Edit?) {
    self.answer = answer
    self.edit = edit
  }

  init(_ resolver: SiteResolver) {
    let site = resolver.site
    do throws(Refusal) {
      let place = try resolver.resolve()
      let outcome: SiteAnswer.Outcome =
        place.isReplaced ? .alreadyThere(place.location) : .patched(place.location)
      answer = SiteAnswer(site: site, replacement: place.replacement, outcome: outcome)
      edit = place.isReplaced ? nil : Edit(place: place)
    } catch {
      answer = SiteAnswer(site: site, replacement: nil, outcome: .refused(error.sentence))
      edit = nil
    }
  }

  func refused(if edits: [Edit], claimedBy names: String) -> ResolvedSite {
    guard let edit, edits.contains(where: { $0.place.location == edit.place.location }) else {
      return self
    }
    let reason = "the call at \(edit.place.location) is claimed by \(names)"
    return ResolvedSite(
      answer: SiteAnswer(site: answer.site, replacement: nil, outcome: .refused(reason)), edit: nil)
  }
}

/// All changes of one file.
private struct FileEdits {
  let file: ParsedFile
  let edits: [Edit]

  /// - Parameter edits: changes of the same file; several of one call agree.
  init?(_ edits: [Edit]) {
    guard let file = edits.first?.place.file else { return nil }
    self.file = file
    self.edits = edits
  }

  var diff: UnifiedDiff {
    var bytes = file.source.bytes
    var replacements = Dictionary(
      edits.map { ($0.place.range, Array($0.place.replacement.utf8)) }, uniquingKeysWith: { $1 })
    let firstUse = edits.map(\.place.firstToken).min() ?? 0
    if let include = IncludePlacement(source: file.source, firstUse: firstUse).insertion {
      replacements[include.offset..<include.offset] = include.bytes
    }
    for (range, text) in replacements.sorted(by: { $0.key.lowerBound > $1.key.lowerBound }) {
      bytes.replaceSubrange(range, with: text)
    }
    var diff = UnifiedDiff(path: file.path, old: file.source.bytes, new: bytes)
    diff.showsFunction = true
    return diff
  }
}
