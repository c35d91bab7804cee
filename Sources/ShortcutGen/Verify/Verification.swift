/// `verify.json`, and what `verify.md` is made from: whether the stubs do what the system calls do.
public struct Verification: Sendable, Codable {
  /// Version of the form.
  public private(set) var schema = 1
  /// Parts of the scenarios' names that the user asked for; empty where all were run.
  public let scenarioParts: [String]
  /// What stands for the source of each stub that was run: by name, 16 hex digits.
  public let sources: [String: String]
  /// The kernels it was run in, in the order asked for.
  public private(set) var kernels: [Kernel] = []

  /// What was found in one kernel.
  public struct Kernel: Sendable, Codable {
    /// Its release.
    public let release: String
    /// How many scenarios there are.
    public let scenarios: Int
    /// The stubs beside the system calls.
    public let stubs: ModuleResult
    /// The ordinary path, called in the kernel, beside the system calls; nil where it wasn't run.
    @ExplicitNull public var null: ModuleResult?
    /// The mutants; empty where they weren't run.
    public let mutants: [MutantResult]
    /// What calls cost; empty where it wasn't measured.
    public let costs: [CallCost]
    /// What the kernel said of itself.
    public let complaints: [String]

    /// Describes what was found.
    public init(
      release: String, stubs: LabRun, null: LabRun? = nil, mutants: [MutantResult] = [],
      costs: [CallCost] = []
    ) {
      self.costs = costs
      self.release = release
      scenarios = stubs.scenarios
      self.stubs = stubs.modules.values.first ?? ModuleResult()
      complaints = stubs.complaints + (null?.complaints ?? [])
      self.mutants = mutants
      self.null = null?.modules.values.first
    }

    /// Whether nothing speaks against the stubs or against the harness.
    public var isGood: Bool {
      stubs.isGood && complaints.isEmpty && (null?.isGood ?? true)
        && mutants.allSatisfy(\.isGood)
    }
  }

  /// What became of stubs that break one rule.
  public struct MutantResult: Sendable, Codable, Equatable {
    /// The rule of the kernel that they break.
    public let rule: String
    /// The family whose stubs they are; nil where it is all.
    @ExplicitNull public var family: String?
    /// What was changed.
    public let change: String
    /// The scenario that noticed.
    @ExplicitNull public var caught: String?
    /// What came of it.
    @ExplicitNull public var result: LabLine.Outcome?
    /// Why none can notice, where that is known.
    @ExplicitNull public var excuse: String?
    /// Why they could not be run.
    @ExplicitNull public var failure: String?

    /// Describes a mutant's end.
    ///
    /// - Parameter module: what was found; nil where it wasn't run.
    public init(_ mutant: Mutant, _ module: ModuleResult?) {
      rule = mutant.mutation.rule
      family = mutant.family
      change = mutant.mutation.description
      caught = module?.firstDifference?.scenario
      result = module?.firstDifference?.result
      excuse = mutant.excuse
      failure = module?.failure
    }

    /// Whether it speaks neither against the scenarios nor against the mutation.
    var isGood: Bool { caught != nil || (excuse != nil && failure == nil) }
  }

  /// Nothing yet.
  ///
  /// - Parameters:
  ///   - module: the sources of the module that is run.
  ///   - scenarioParts: of the names of the scenarios asked for.
  public init(stubs: [String] = [], module: [GeneratedFile] = [], scenarioParts: [String] = []) {
    self.scenarioParts = scenarioParts
    sources = stubs.reduce(into: [:]) { sources, name in
      sources[name] = StubExcerpt(name: name).code(in: module)?.fingerprint
    }
  }

  /// Adds what was found in a kernel.
  public mutating func add(_ kernel: Kernel) { kernels.append(kernel) }

  /// Whether the stubs did in every scenario, in every kernel, what the system calls do.
  public var isGood: Bool {
    !kernels.isEmpty && kernels.allSatisfy(\.isGood)
      && (!scenarioParts.isEmpty || stubs.allSatisfy { verdict(of: $0).hasPrefix("VERIFIED") })
  }

  /// Whether a stub did in every scenario, in every kernel, what the system call does: one sentence
  /// for `report.md`.
  public func verdict(of stub: String) -> String {
    let results = kernels.compactMap { kernel in
      kernel.stubs.stubs[stub].map { (kernel.release, $0) }
    }
    guard !results.isEmpty, results.count == kernels.count else { return "NOT VERIFIED" }
    guard scenarioParts.isEmpty else {
      let parts = scenarioParts.joined(separator: ", ")
      return "NOT VERIFIED: only scenarios with \(parts) in their names were run"
    }
    let names = results.map(\.0).joined(separator: " and ")
    let bad = results.reduce(0) { $0 + $1.1.different + $1.1.lost }
    let skipped = results.reduce(0) { $0 + $1.1.skipped }
    let count = UInt64(results.reduce(0) { $0 + $1.1.count } - skipped)
    guard bad == 0, kernels.allSatisfy({ $0.complaints.isEmpty }) else {
      return "NOT VERIFIED on Linux \(names): \(bad) of \(counted(count, "scenario")) came out "
        + "otherwise than the system call, or the kernel complained; see verify.md"
    }
    let unstable = results.reduce(0) { $0 + $1.1.unstable }
    guard results.allSatisfy(\.1.isSteady) else {
      return
        "NOT VERIFIED on Linux \(names): \(unstable) of \(counted(count, "scenario")) came out "
        + "otherwise now and then; see verify.md"
    }
    guard kernels.allSatisfy(\.stubs.hasAllResults) else {
      return "NOT VERIFIED on Linux \(names): not all scenarios were run; see verify.md"
    }
    guard results.allSatisfy({ $0.1.own > 0 }) else {
      return
        "NOT VERIFIED on Linux \(names): no descriptor of the kind that it is for can be made there"
    }
    let dropped = results.reduce(0) { $0 + $1.1.dropped }
    let allowed = dropped == 0 ? "" : " but what the policy drops, in \(dropped)"
    let doubt =
      (unstable == 0 ? "" : "; \(unstable) of them unstable")
      + (skipped == 0 ? "" : "; \(skipped) more not possible there")
    return "VERIFIED on Linux \(names): \(counted(count, "scenario")), no difference"
      + allowed + doubt
  }

  /// The stubs that were tried, by name.
  public var stubs: [String] { Set(kernels.flatMap { $0.stubs.stubs.keys }).sorted() }
}

extension String {
  /// 16 hex digits, equal for equal texts: FNV-1a.
  var fingerprint: String {
    let hash = utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
