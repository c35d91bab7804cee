import Profiler

/// Why nothing can be generated from a `shortcuts.json` as asked.
public enum PlanError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file is not of the form that `analyze` writes.
  case malformed(String)
  /// No candidate has this id.
  case unknown(id: String, known: [String])
  /// The candidate can't get a stub.
  case unfit(id: String, verdict: Candidate.Verdict, why: String)
  /// No candidate gets a stub.
  case nothing

  /// One line: what, found, needed.
  public var description: String {
    switch self {
    case .malformed(let what): what
    case .unknown(let id, let known):
      "no candidate '\(id)'; "
        + (known.isEmpty
          ? "none can get a stub"
          : "those that can get a stub are \(known.joined(separator: ", "))")
    case .unfit(let id, let verdict, let why):
      "candidate '\(id)' gets no stub, it is \(verdict.rawValue): \(why)"
    case .nothing:
      "no candidate has the verdict 'shortcut'; --select takes a small one all the same"
    }
  }
}
