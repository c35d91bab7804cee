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
}

extension Verification {
  /// What the run says of a stub.
  ///
  /// - Parameters:
  ///   - text: the stub's source as the report shows it; nil where it shows none.
  ///   - date: the day of the recording that it was generated from.
  func found(of stub: String, text: String?, date: String?) -> StubVerification {
    guard let text, sources[stub] == text.fingerprint else {
      return .none("the stub in module/ that was run is another one than this")
    }
    let verdict = verdict(of: stub)
    return StubVerification(
      isVerified: verdict.hasPrefix("VERIFIED"), kernels: kernels.map(\.release),
      scenarios: kernels.reduce(0) { $0 + ($1.stubs.stubs[stub]?.count ?? 0) },
      sentence: verdict + (date.map { "; generated from the recording of \($0)" } ?? ""))
  }
}

extension ShortcutDocument {
  /// The document with what a run says of each stub; nil where there was none.
  public func verified(by verification: Verification?) -> ShortcutDocument {
    var out = self
    for index in candidates.indices where candidates[index].verdict == .shortcut {
      let candidate = candidates[index]
      out.candidates[index].verification =
        verification.map {
          $0.found(
            of: candidate.stub ?? "", text: candidate.review?.stub?.text, date: recording.date)
        } ?? .none("ukl-shortcut verify has not run it beside the system call")
    }
    return out
  }
}
