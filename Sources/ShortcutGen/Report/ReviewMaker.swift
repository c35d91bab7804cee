/// Puts together what a reviewer has to see.
public struct ReviewMaker: Sendable {
  /// What is known of one site in the application's sources.
  public struct Place: Sendable {
    let source: [Review.SourceLine]
    let diff: Review.Code?
    let sentence: String

    /// - Parameters:
    ///   - sentence: what the diff does at the site, or why nothing.
    public init(source: [Review.SourceLine], diff: Review.Code?, sentence: String) {
      (self.source, self.diff, self.sentence) = (source, diff, sentence)
    }
  }

  private let files: [GeneratedFile]
  private let places: [String: Place]
  private let policy: StubPolicy
  private let features: KernelFeatures

  /// - Parameters:
  ///   - files: everything that was generated.
  ///   - places: by candidate id.
  ///   - policy: what the stubs keep.
  ///   - features: what the stubs are fitted to.
  public init(
    files: [GeneratedFile], places: [String: Place], policy: StubPolicy, features: KernelFeatures
  ) {
    self.files = files
    self.places = places
    self.policy = policy
    self.features = features
  }

  /// The review of a candidate that gets a stub.
  public func review(_ candidate: Candidate) -> Review {
    let place = places[candidate.id]
    return Review(
      source: place?.source ?? [], frames: frames(candidate), guards: guards(candidate),
      stub: candidate.stub.flatMap { name in
        StubExcerpt(name: name).found(in: files.filter { $0.path.hasPrefix("kernel/") })
      },
      diff: place?.diff,
      application: place?.sentence ?? "give --app-source to get app.patch",
      decisions: decisions(candidate))
  }

  private func frames(_ candidate: Candidate) -> [Review.Frame] {
    candidate.trunk.map { entry in
      let rows = candidate.ledger.filter { $0.function == plain(entry.function) }
      let slots = candidate.hops.filter { $0.caller == entry.function }.map {
        "calls \($0.callee) through \($0.slot)"
      }
      let does = rows.map(\.effect) + slots
      return Review.Frame(
        function: entry.function, does: does.isEmpty ? ["passes the call on"] : does,
        becomes: rows.isEmpty ? ["skipped"] : becomes(rows))
    }
  }

  /// A function's name without what gcc appends to copies of it.
  private func plain(_ function: String) -> String { String(function.prefix { $0 != "." }) }

  private func becomes(_ rows: [LedgerEntry]) -> [String] {
    let words = [("kept", "kept"), ("impossible", "subsumed"), ("dropped", "dropped")]
    let known = Set(words.map(\.0))
    let others = Set(rows.map(\.status)).subtracting(known).sorted().map { ($0, $0) }
    return (words + others).compactMap { status, word in
      let effects = rows.filter { $0.status == status }.map(\.effect)
      return effects.isEmpty ? nil : "\(word): \(effects.joined(separator: ", "))"
    }
  }

  /// The stub's own checks: what is already done when one fails is not done twice.
  private func guards(_ candidate: Candidate) -> [Review.Guard] {
    guard policy.guards, let checks = candidate.kind?.guards(features) else { return [] }
    return checks.enumerated().map { index, check in
      Review.Guard(
        check: check.check,
        otherwise: "\(check.other) \(check.takes)"
          + (index == 0 ? ", before anything else was done" : ", so nothing is done twice"))
    }
  }

  private func decisions(_ candidate: Candidate) -> [String] {
    func rows(_ status: String, _ word: String) -> [String] {
      candidate.ledger.filter { $0.status == status }.map {
        "\(word): \($0.effect) (\($0.function)): \($0.note)"
      }
    }
    let site = candidate.site.function ?? candidate.site.symbol ?? "the call site"
    let catalogued = candidate.hops.contains { $0.evidence != "image" }
    let unguarded =
      policy.guards
      ? [] : ["UNSAFE: no guard checks the descriptor; any other kind corrupts memory"]
    return unguarded + [
      "no other kind of descriptor reaches \(site) so often that the fall-back to the ordinary path "
        + "would cost more than the shortcut saves"
    ] + rows("dropped", "may be missing") + rows("unknown", "nobody has classified this")
      + rows("impossible", "can't happen in your kernel either")
      + (catalogued
        ? ["the hops are the catalogue's: your kernel has the same (analyze --kernel shows it)"]
        : [])
  }
}

/// Finds a stub in the generated sources.
struct StubExcerpt {
  let name: String

  /// The function with its comment, behind those of the same file that it calls.
  func found(in files: [GeneratedFile]) -> Review.Code? {
    for file in files where file.path.hasSuffix(".c") {
      let functions = Self.functions(in: file.contents)
      guard functions.contains(where: { $0.name == name }) else { continue }
      let wanted = reached(functions)
      let pieces = functions.filter { wanted.contains($0.name) }.map(\.text)
      return Review.Code(file: file.path, text: pieces.joined(separator: "\n\n") + "\n")
    }
    return nil
  }

  /// All that makes up what it does, to compare a module with what is put into a kernel: the stub, what it
  /// calls in any of the sources, and their macros. Checks at compile time are left out: a module, which finds
  /// functions when it is loaded, can't make some of them.
  func code(in files: [GeneratedFile]) -> String? {
    let sources = files.filter { file in
      file.path.hasSuffix(".c") && !Self.ofModules.contains { file.path.hasSuffix($0) }
    }
    let functions = sources.flatMap { Self.functions(in: $0.contents) }
    guard functions.contains(where: { $0.name == name }) else { return nil }
    let wanted = reached(functions)
    let used = sources.filter { source in
      Self.functions(in: source.contents).contains { wanted.contains($0.name) }
    }
    let pieces =
      functions.filter { wanted.contains($0.name) }.map(\.text) + used.flatMap(Self.macros)
    let lines = pieces.sorted().joined(separator: "\n").split(separator: "\n")
    return lines.filter { !$0.contains("BUILD_BUG_ON(") }.joined(separator: "\n")
  }

  /// What only a module has.
  private static let ofModules = ["ukl_shortcut_device.c", "ukl_shortcut_found.c"]

  private static func macros(_ source: GeneratedFile) -> [String] {
    source.contents.replacing("\\\n", with: " ").split(separator: "\n").filter {
      $0.contains(/^\s*#\s*(define|undef)/)
    }.map(String.init)
  }

  /// Names of the stub and of everything that it calls, also indirectly.
  private func reached(_ functions: [(name: String, text: String)]) -> Set<String> {
    var wanted: Set = [name]
    var count = 0
    while count < wanted.count {
      count = wanted.count
      for function in functions where wanted.contains(function.name) {
        wanted.formUnion(
          functions.map(\.name).filter { function.text.contains("\($0)(") })
      }
    }
    return wanted
  }

  /// The functions of a source in kernel style, each with the comment right above it.
  private static func functions(in text: String) -> [(name: String, text: String)] {
    var functions: [(name: String, text: String)] = []
    var piece: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isInBody = piece.contains("{")
      if line.isEmpty, !isInBody {
        piece = []
        continue
      }
      piece.append(line)
      if line == "}", isInBody {
        if let name = definedName(piece) {
          functions.append((name, piece.joined(separator: "\n")))
        }
        piece = []
      }
    }
    return functions
  }

  /// The identifier before the parenthesis of the line that a function begins with.
  private static func definedName(_ piece: [Substring]) -> String? {
    let head = piece.first { line in
      line.contains("(") && line.first.map { $0.isLetter || $0 == "_" } == true
    }
    guard let head, let open = head.firstIndex(of: "(") else { return nil }
    let name = head[..<open].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return String(String(name).reversed())
  }
}
