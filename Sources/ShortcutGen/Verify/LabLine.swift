/// One line that `lab/verify` prints: what came of a scenario, or something about the run.
public struct LabLine: Sendable, Codable, Equatable {
  /// The kernel's release.
  public var kernel: String?
  /// How many scenarios each module runs.
  public var scenarios: Int?
  /// Which module the rest is about.
  public var module: String?
  /// The scenario that this is the result of.
  public var scenario: String?
  /// The stub that it tries.
  public var stub: String?
  /// What came of it.
  public var result: Outcome?
  /// There where the descriptor is of the kind that the stub is for.
  public var own: String?
  /// What the system call did, where the stub did something else.
  public var expected: String?
  /// What the stub did; where the guest was lost, why.
  public var seen: String?
  /// The console's last lines, where the guest was lost.
  public var console: [String]?
  /// Number of calls that a stub asked to be repeated as the real system call, in digits.
  public var repeated: String?
  /// The module's scenarios are through.
  public var done: Bool?
  /// What could not be run in the guest.
  public var failed: String?
  /// The stub whose costs these are.
  public var cost: String?
  /// Bytes moved, in digits.
  public var size: String?
  /// Instructions of the system call, in digits.
  public var syscall: String?
  /// Instructions of its body, called in the kernel, in digits.
  public var ordinary: String?
  /// A line of the kernel's log that says something is wrong.
  public var complaint: String?

  /// What came of a scenario.
  public enum Outcome: String, Sendable, Codable {
    /// The stub did what the system call did.
    case equal
    /// It did something else.
    case different
    /// It did something else, and just what its policy lets it leave out.
    case dropped
    /// It did something else, which the system call does too when it is asked again.
    case unstable
    /// The kernel can't make the descriptor.
    case skipped
    /// The guest hung or broke down.
    case lost
  }
}
