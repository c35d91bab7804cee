/// The two functions between which an application linked with the kernel calls it directly.
public struct TransitionNames: Sendable, Equatable {
  /// Leaves application mode, before the call.
  public let exitUser: String
  /// Enters application mode, after the call.
  public let enterUser: String

  /// Names the pair; both have to be C identifiers.
  public init(exitUser: String, enterUser: String) throws(EmitError) {
    self.init(
      known: try CText.identifier(exitUser, role: "the name of the function that leaves user mode"),
      try CText.identifier(enterUser, role: "the name of the function that enters user mode"))
  }

  private init(known exitUser: String, _ enterUser: String) {
    self.exitUser = exitUser
    self.enterUser = enterUser
  }

  /// The pair of the patch set described in the thesis.
  public static let thesis = TransitionNames(known: "exit_user", "enter_user")

  /// The pair of the series posted in October 2022, and of later trees.
  public static let rfc2022 = TransitionNames(known: "enter_ukl_kernel", "enter_ukl_user")

  /// The pair that a kernel with these symbols has, or nil where it has neither.
  public static func known(in symbols: Set<String>) -> TransitionNames? {
    [rfc2022, thesis].first { symbols.isSuperset(of: [$0.exitUser, $0.enterUser]) }
  }
}

/// How the application's libc reports a failed system call.
public enum ErrnoConvention: String, Sendable, Codable, CaseIterable {
  /// -1, and the reason in `errno`.
  case errno
  /// The negative reason itself.
  case negative
}

/// How the application's side of the stubs is spelled.
public struct ApplicationSpelling: Sendable, Codable, Equatable {
  /// The function that enters application mode.
  public let enterUser: String
  /// The function that leaves it.
  public let exitUser: String
  /// How a failure is reported.
  public let `return`: ErrnoConvention

  /// Describes it.
  public init(_ transition: TransitionNames, _ convention: ErrnoConvention) {
    (enterUser, exitUser) = (transition.enterUser, transition.exitUser)
    `return` = convention
  }
}
