/// A call site that was looked at, and what can be said of it: one entry of `shortcuts.json`.
public struct Candidate: Sendable, Codable {
  /// Application function and system call: `connSocketRead.read`; unique in a report.
  public let id: String
  /// The system call.
  public let syscall: String
  /// Symbol of the libc function; nil where no image names it.
  @ExplicitNull public var wrapper: String?
  /// Where the call stands.
  public internal(set) var site: Site
  /// What does the work for most of the samples; nil where none shows it.
  @ExplicitNull public var leaf: String?
  /// Samples by leaf.
  public let leaves: [String: UInt64]
  /// What each recording shows of it.
  public let seen: [SeenIn]
  /// Samples of the site inside the call.
  public let samples: UInt64
  /// Their share of the analysed weight.
  public let share: Double
  /// Calls, where the recording counts them.
  @ExplicitNull public var calls: UInt64?
  /// On which descriptors the counted calls were made; nil where the recording doesn't say.
  @ExplicitNull public var descriptors: Distribution?
  /// The counted calls on descriptors whose samples all show the same leaf, by that leaf: as long as
  /// a number means one open file these are exact. Nothing where the recording doesn't say.
  public let callsByLeaf: [String: UInt64]?
  /// For how many bytes they asked.
  @ExplicitNull public var sizes: Distribution?
  /// Whether all samples that show a leaf show the same.
  public let monomorphic: Bool
  /// The share of the site's traffic that ends in ``leaf`` at least, with 95 % confidence.
  public let monomorphicLowerBound95: Double
  /// What a shortcut skips, outermost first.
  public internal(set) var trunk: [TrunkEntry]
  /// The calls through slots on the way to the leaf.
  public internal(set) var hops: [Hop]
  /// The calls through slots behind the leaf: seen, not offered.
  public let behind: [DeepHop]
  /// What skipping saves.
  public let saves: Savings
  /// What to do.
  public internal(set) var verdict: Verdict
  /// Why.
  public internal(set) var why: String
  /// Name of the stub, where one is generated.
  @ExplicitNull public var stub: String?
  /// Side effects of the trunk and what the stub does about them.
  public internal(set) var ledger: [LedgerEntry]
  /// What a reviewer has to see of it; only where a stub is generated.
  public internal(set) var review: Review?
  /// Whether the stub was run beside the system call; only where a stub is generated.
  public internal(set) var verification: StubVerification?

  /// Exact counts of calls by one of their arguments.
  public struct Distribution: Sendable, Codable, Equatable {
    /// Number of distinct values.
    public let distinct: Int
    /// The values most calls had, at most ``most`` of them.
    public let values: [Count]

    /// Calls with one value.
    public struct Count: Sendable, Codable, Equatable {
      /// A descriptor, or a number of bytes.
      public let value: Int64
      /// Calls with it.
      public let calls: UInt64
      /// Of a descriptor: samples by leaf, where any were taken in its calls; else nothing.
      public internal(set) var leaves: [String: UInt64]?
      /// Of a descriptor with leaves: the share of its calls that end in the most frequent one at
      /// least, with 95 % confidence.
      public internal(set) var monomorphicLowerBound95: Double?
    }

    /// How many values are listed.
    public static let most = 16

    /// - Returns: nil where nothing was counted.
    init?(_ counts: some Sequence<Count>) {
      let sorted = counts.sorted { ($1.calls, $0.value) < ($0.calls, $1.value) }
      guard !sorted.isEmpty else { return nil }
      distinct = sorted.count
      values = Array(sorted.prefix(Self.most))
    }
  }

  /// A place in the application.
  public struct Site: Sendable, Codable, Equatable {
    /// The function's name in the source; nil where it can't be told.
    @ExplicitNull public var function: String?
    /// Its symbol, or image and offset of the call without one.
    @ExplicitNull public var symbol: String?
    /// Source file, where debug information or the source gives it.
    @ExplicitNull public var file: String?
    /// Line in it, from 1.
    @ExplicitNull public var line: Int?
    /// Column in it in bytes, from 1; nothing where neither debug information nor source gives it.
    public var column: Int?
    /// Functions whose code the compiler put into the calling one's, the one that holds the call in
    /// its source first; nothing where there are none.
    public var inlined: [String]?
    /// The function without a frame that really holds the call; else nothing.
    public var heldBy: String?
    /// Why the calling function can't have made the call; else nothing.
    public var doubt: String?
  }

  /// A frame of the trunk; weights in the report's unit.
  public struct TrunkEntry: Sendable, Codable, Equatable {
    /// Kernel symbol.
    public let function: String
    /// Weight in the function itself.
    public let `self`: UInt64
    /// Weight in it or below.
    public let inclusive: UInt64
    /// True where its frame was hidden by a tail call, in some call chains or all, and was put back
    /// from the kernel's image; else nothing.
    public internal(set) var recovered: Bool?
  }

  /// A call through a slot.
  public struct Hop: Sendable, Codable, Equatable {
    /// The function that calls.
    public let caller: String
    /// The function that stands in the slot.
    public let callee: String
    /// Struct and member.
    public let slot: String
    /// The table, where it has a name.
    @ExplicitNull public var table: String?
    /// How the call is made.
    public let call: CallKind
    /// `image` or `catalogue`.
    public let evidence: String

    /// The hop as the kernel's image shows it.
    public func proven(table: String?, call: CallKind) -> Hop {
      Hop(caller: caller, callee: callee, slot: slot, table: table, call: call, evidence: "image")
    }
  }

  /// What a shortcut saves.
  public struct Savings: Sendable, Codable, Equatable {
    /// By skipping the trunk, the stub's own cost subtracted; under the report's policy.
    public let hops: Saving
    /// By skipping entry and exit code.
    public let transition: Saving
    /// Both together.
    public let total: Saving
    /// The same under each policy.
    public let policies: [PolicySavings]
    /// For each call, where their number is known.
    @ExplicitNull public var perCall: PerCall?
  }

  /// What to do with a candidate.
  public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// A stub is generated.
    case shortcut
    /// Several leaves: no stub.
    case mixed
    /// Saves too little, or too few samples to say.
    case small
    /// Nothing that a stub of this program can stand in for.
    case unsupported
  }
}

/// Seven significant decimals: enough for a share, and the same text on every machine.
func rounded(_ value: Double) -> Double { (value * 1e7).rounded() / 1e7 }

/// An optional that is `null` in JSON, where Swift would leave the key out.
@propertyWrapper
public struct ExplicitNull<Value: Encodable & Sendable & Equatable>: Encodable, Sendable, Equatable
{
  /// The value.
  public var wrappedValue: Value?

  /// Wraps a value.
  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  /// Encodes the value, or null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue {
      try container.encode(wrappedValue)
    } else {
      try container.encodeNil()
    }
  }
}

extension ExplicitNull: Decodable where Value: Decodable {
  /// Decodes a value, or null.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }
}
