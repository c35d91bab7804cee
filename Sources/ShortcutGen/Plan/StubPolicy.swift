/// A side effect of the trunk that a stub may leave out, if the user asks for it.
public enum SideEffect: String, Sendable, Codable, CaseIterable, Comparable {
  /// The hooks of security modules.
  case lsm
  /// Notification of inotify and fanotify.
  case fsnotify
  /// The task's I/O counters, as in `/proc/self/io`.
  case accounting
  /// Receive flow steering's record of where the flow is read.
  case rps
  /// Tracepoints that the trunk passes.
  case tracepoints

  /// In the order of the names, which is the order of all lists of them.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What stubs keep of the trunk: everything, or everything but what the user named.
public struct StubPolicy: Sendable, Hashable, CustomStringConvertible {
  /// Side effects that are left out.
  public let dropped: Set<SideEffect>
  /// Whether stubs check that the descriptor is what the recording showed. Without guards they are
  /// for measuring only, and every file says so.
  public let guards: Bool

  /// Every side effect is kept, every assumption checked.
  public static let faithful = StubPolicy(dropping: [])

  /// Leaves out what is named; nothing named is ``faithful``.
  public static func lean(dropping dropped: Set<SideEffect>) -> StubPolicy {
    StubPolicy(dropping: dropped)
  }

  /// Describes a policy.
  public init(dropping dropped: Set<SideEffect>, guards: Bool = true) {
    self.dropped = dropped
    self.guards = guards
  }

  /// Whether a side effect stays.
  public func keeps(_ effect: SideEffect) -> Bool { !dropped.contains(effect) }

  /// As files name it: `faithful`, `lean --drop fsnotify,lsm`, each perhaps with `--no-guards`.
  public var description: String {
    let names = dropped.sorted().map(\.rawValue).joined(separator: ",")
    return (names.isEmpty ? "faithful" : "lean --drop \(names)") + (guards ? "" : " --no-guards")
  }
}

/// In `shortcuts.json`: `{"drop": ["lsm"], "guards": true, "name": "lean --drop lsm"}`, where the name is
/// for people.
extension StubPolicy: Codable {
  private enum CodingKeys: String, CodingKey { case drop, guards, name }

  /// Reads it, but for its name.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      dropping: try values.decode(Set<SideEffect>.self, forKey: .drop),
      guards: try values.decode(Bool.self, forKey: .guards))
  }

  /// Writes it, what is dropped in order.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(dropped.sorted(), forKey: .drop)
    try values.encode(guards, forKey: .guards)
    try values.encode(description, forKey: .name)
  }
}
