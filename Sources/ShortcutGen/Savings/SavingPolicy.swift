/// What a prediction takes for skipped: what a stub of a policy skips, or everything.
public enum SavingPolicy: Sendable, Hashable, CustomStringConvertible {
  /// A stub of this program: the trunk is skipped, and the side effects that the policy drops.
  case stub(StubPolicy)
  /// A shortcut as those written by hand for UKL were: no guard, no side effect, no reference to
  /// the descriptor is kept. For predictions and comparisons; nothing is generated for it.
  case handMade

  /// Faithful, lean without each side effect, lean without all of them, and by hand.
  public static let all: [SavingPolicy] =
    [.stub(.faithful)] + SideEffect.allCases.sorted().map { .stub(.lean(dropping: [$0])) }
    + [.stub(.lean(dropping: Set(SideEffect.allCases))), .handMade]

  /// As the flags of `analyze` name it.
  public var description: String {
    switch self {
    case .stub(let policy): policy.description
    case .handMade: "hand-made"
    }
  }

  /// Whether a side effect of the trunk stays.
  func keeps(_ effect: SideEffect) -> Bool {
    switch self {
    case .stub(let policy): policy.keeps(effect)
    case .handMade: false
    }
  }

  /// Whether the descriptor's reference and the other helpers that every stub calls stay.
  var keepsHelpers: Bool { self != .handMade }

  /// Whether the stub checks what it assumes.
  var hasGuards: Bool {
    switch self {
    case .stub(let policy): policy.guards
    case .handMade: false
    }
  }
}
