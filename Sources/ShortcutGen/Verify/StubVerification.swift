/// Whether a stub was run beside the system call in a real kernel: what the report says of it.
public struct StubVerification: Sendable, Codable, Equatable {
  /// Whether all scenarios were run, on every kernel asked for, without a difference.
  public let isVerified: Bool
  /// The kernels' releases.
  public let kernels: [String]
  /// How many scenarios were run, on all of them.
  public let scenarios: Int
  /// One sentence; it begins with VERIFIED or NOT VERIFIED.
  public let sentence: String

  /// Of a stub that was never run, and of one that was changed since.
  static func none(_ why: String) -> StubVerification {
    StubVerification(isVerified: false, kernels: [], scenarios: 0, sentence: "NOT VERIFIED: \(why)")
  }

  static let notRun = none("ukl-shortcut verify has not run it beside the system call")
}

extension Verification {
  /// What the run says of a stub.
  ///
  /// - Parameters:
  ///   - text: the stub's source as the report shows it; nil where it shows none.
  ///   - kernel: the files below `kernel/`, which have that source and all that it needs.
  ///   - date: the day of the recording that it was generated from.
  func found(
    of stub: String, text: String?, kernel: [GeneratedFile], date: String?
  ) -> StubVerification {
    guard let source = sources[stub] else { return .notRun }
    let excerpt = StubExcerpt(name: stub)
    guard let text, excerpt.found(in: kernel)?.text == text,
      excerpt.code(in: kernel)?.fingerprint == source
    else {
      return .none(
        "the stub in module/ that was run is another one than this, or than that in kernel/")
    }
    let verdict = verdict(of: stub)
    return StubVerification(
      isVerified: verdict.hasPrefix("VERIFIED"), kernels: kernels.map(\.release),
      scenarios: kernels.compactMap { $0.stubs.stubs[stub] }.reduce(0) {
        $0 + $1.count - $1.skipped
      },
      sentence: verdict + (date.map { "; generated from the recording of \($0)" } ?? ""))
  }
}

extension ShortcutDocument {
  /// The document with what a run says of each stub; nil where there was none.
  ///
  /// - Parameter files: what was generated; those below `kernel/` are looked at.
  public func verified(
    by verification: Verification?, of files: [GeneratedFile] = []
  ) -> ShortcutDocument {
    let kernel = files.filter { $0.path.hasPrefix("kernel/") }
    var out = self
    for index in candidates.indices where candidates[index].verdict == .shortcut {
      let candidate = candidates[index]
      out.candidates[index].verification =
        verification.map {
          $0.found(
            of: candidate.stub ?? "", text: candidate.review?.stub?.text, kernel: kernel,
            date: recording.date)
        } ?? .notRun
    }
    return out
  }
}
