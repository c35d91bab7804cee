/// What one call costs in instructions: the least of many, counted by an emulator.
public struct CallCost: Sendable, Codable, Equatable {
  /// `shortcut_tcp_read`.
  public let stub: String
  /// The family, as the catalogue spells it: `unix-stream`.
  public let family: String
  /// The system call: `read`.
  public let call: String
  /// Which way it moves data: `read` or `write`.
  public let moves: String
  /// Bytes moved.
  public let size: UInt64
  /// The system call as the application makes it.
  public let systemCall: Double
  /// Its body, called in the kernel.
  public let body: Double
  /// The stub that keeps every side effect.
  public let faithful: Double
  /// The stub that keeps none; nil where it wasn't measured.
  @ExplicitNull public var lean: Double?
  /// The faithful stub without guards; nil where it wasn't measured.
  @ExplicitNull public var unguarded: Double?

  /// What a faithful stub saves of the body: what its guards and copies cost is subtracted.
  public var net: Double { body - faithful }

  /// The modules that are measured: names, and what their stubs keep.
  public static let modules: [(name: String, policy: StubPolicy)] = [
    ("faithful", .faithful), ("lean", .lean(dropping: Set(SideEffect.allCases))),
    ("unguarded", StubPolicy(dropping: [], guards: false)),
  ]

  /// The rows that one run over these modules gives, sorted by stub and size.
  static func rows(_ lines: [LabLine]) -> [CallCost] {
    let costs = lines.compactMap(Measured.init)
    let stubs = Dictionary(grouping: costs) { Key(stub: $0.stub, size: $0.size) }
    return stubs.compactMap { CallCost($0.key, $0.value) }
      .sorted { ($0.stub, $0.size) < ($1.stub, $1.size) }
  }

  private struct Key: Hashable { let stub: String, size: UInt64 }

  /// A line of the lab.
  private struct Measured {
    let module, stub: String
    let size: UInt64
    let syscall, ordinary, instructions: Double

    init?(_ line: LabLine) {
      guard let module = line.module, let stub = line.cost,
        let size = line.size.flatMap({ UInt64($0) }),
        let syscall = line.syscall.flatMap({ Double($0) }),
        let ordinary = line.ordinary.flatMap({ Double($0) }),
        let instructions = line.stub.flatMap({ Double($0) })
      else { return nil }
      (self.module, self.stub, self.size) = (module, stub, size)
      (self.syscall, self.ordinary, self.instructions) = (syscall, ordinary, instructions)
    }
  }

  private init?(_ key: Key, _ measured: [Measured]) {
    guard let kind = StubKind.named(key.stub),
      let own = measured.first(where: { $0.module == "faithful" })
    else { return nil }
    stub = key.stub
    family = kind.catalogFamily
    call = kind.syscall
    moves = kind.call.moves == .toApplication ? "read" : "write"
    size = key.size
    systemCall = own.syscall
    body = own.ordinary
    faithful = own.instructions
    lean = measured.first { $0.module == "lean" }?.instructions
    unguarded = measured.first { $0.module == "unguarded" }?.instructions
  }
}
