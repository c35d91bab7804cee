/// `verify.json`, and what `verify.md` is made from: whether the stubs do what the system calls do.
public struct Verification: Sendable, Encodable {
  /// Version of the form.
  public let schema = 1
  /// The kernels it was run in, in the order asked for.
  public private(set) var kernels: [Kernel] = []

  /// What was found in one kernel.
  public struct Kernel: Sendable, Encodable {
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
    /// What the kernel said of itself.
    public let complaints: [String]

    /// Describes what was found.
    public init(
      release: String, stubs: LabRun, null: LabRun? = nil, mutants: [MutantResult] = []
    ) {
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
        && mutants.allSatisfy { $0.caught != nil || $0.excuse != nil }
    }
  }

  /// What became of a stub that breaks one rule.
  public struct MutantResult: Sendable, Encodable, Equatable {
    /// The rule of the kernel that it breaks.
    public let rule: String
    /// What was changed.
    public let change: String
    /// The scenario that noticed.
    @ExplicitNull public var caught: String?
    /// Why none can notice, where that is known.
    @ExplicitNull public var excuse: String?

    /// Describes a mutant's end.
    public init(_ mutation: StubMutation, caught: String?) {
      rule = mutation.rule
      change = mutation.description
      self.caught = caught
      excuse = mutation.excuse
    }
  }

  /// Nothing yet.
  public init() {}

  /// Adds what was found in a kernel.
  public mutating func add(_ kernel: Kernel) { kernels.append(kernel) }

  /// Whether the stubs did in every scenario, in every kernel, what the system calls do.
  public var isGood: Bool { !kernels.isEmpty && kernels.allSatisfy(\.isGood) }

  /// One sentence for `report.md`.
  public var verdict: String {
    guard let first = kernels.first else { return "NOT VERIFIED" }
    let names = kernels.map(\.release).joined(separator: " and ")
    guard isGood else {
      let bad = kernels.reduce(0) { $0 + $1.stubs.different + $1.stubs.lost }
      return "NOT VERIFIED: \(counted(UInt64(bad), "scenario")) on Linux \(names) came out otherwise than "
        + "the system call; see verify.md"
    }
    return "VERIFIED on Linux \(names): \(counted(UInt64(first.stubs.count), "scenario")), no difference"
  }
}
