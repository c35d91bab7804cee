import Profiler

/// Decides what to do with a candidate and says why in a sentence.
struct Judge {
  let site: SiteEvidence
  let leaves: LeafCount
  let call: OperationCatalog.SystemCall?
  let stub: OperationCatalog.Stub?
  let family: OperationCatalog.Family?
  let saves: Candidate.Savings
  let options: AnalysisOptions
  /// Whether most call sites are unknown because the application has no frame pointers.
  let isFrameless: Bool
  /// Whether the recording has system call entries only.
  let countsOnly: Bool

  var verdict: (Candidate.Verdict, String) {
    if let call, !call.stub {
      return (.unsupported, "\(call.name) has no useful stub: \(call.why ?? "")")
    }
    guard let main = leaves.main else { return withoutLeaf }
    if site.isUnknown {
      return (.unsupported, "the call site is unknown\(unknownReason); it ends in \(leafList)")
    }
    if leaves.samples.count > 1 { return (.mixed, "its traffic ends in \(leafList)") }
    if let unknown = leaves.unknown {
      return (
        .unsupported,
        "\(counted(unknown.samples, "sample")) of it lie in \(unknown.symbol), which is in no list: "
          + "nobody knows whether it is another leaf"
      )
    }
    let low = saves.total.low95
    if low < options.minimumSaving {
      return (
        .small,
        "saves at least \(percent(low)) with 95 % confidence, less than "
          + "\(percent(options.minimumSaving)) (--min-saving)"
      )
    }
    if leaves.lowerBound < options.minimumMonomorphicBound {
      return (
        .small,
        "\(counted(leaves.samples[main] ?? 0, "sample")) show its leaf, \(main): that proves no more "
          + "than a share of \(percent(leaves.lowerBound)) with 95 % confidence"
      )
    }
    guard stub != nil else {
      return (.unsupported, "there is no stub for \(site.syscall) on a \(familyTitle(main))")
    }
    return (.shortcut, shortcutReason(main))
  }

  private var withoutLeaf: (Candidate.Verdict, String) {
    if countsOnly {
      return (
        .unsupported,
        "the recording counts calls only; where they end shows in samples of cpu-clock or cycles"
      )
    }
    return (.small, "no sample of its \(site.inside.samples) shows where the call ends")
  }

  private var leafList: String {
    leaves.samples.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) (\(counted($0.value, "sample")))" }.joined(separator: " and ")
  }

  private var unknownReason: String {
    isFrameless
      ? ": built without frame pointers, nothing behind the wrapper is code"
      : ": what called the wrapper is no code"
  }

  private func familyTitle(_ leaf: String) -> String {
    let place = site.places[leaf].map { ", \($0.place.shown)" } ?? ""
    return family.map { "\($0.title) (\(leaf))" } ?? "descriptor whose work \(leaf) does\(place)"
  }

  private func shortcutReason(_ leaf: String) -> String {
    let share = saves.total.share
    return "all \(leaves.samples[leaf] ?? 0) samples that show a leaf end in \(leaf) (at least "
      + "\(percent(leaves.lowerBound)) of its calls with 95 % confidence); skipping "
      + "\(site.trunk.count) frames and the entry saves \(percent(share))"
  }
}
