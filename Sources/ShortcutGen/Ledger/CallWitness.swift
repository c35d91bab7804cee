/// A call that a function's code makes, as the kernel's image shows it.
public struct WitnessedCall: Sendable, Equatable {
  /// Names of the function called; empty for a call through a pointer.
  public let targets: [String]
  /// Through a pointer: the members of operations tables that stand where it was loaded from; nil
  /// where nothing shows that place.
  public let slots: Set<String>?

  /// Describes a call.
  public init(targets: [String], slots: Set<String>? = nil) {
    (self.targets, self.slots) = (targets, slots)
  }
}

/// Knows what a kernel's functions call: its image.
public protocol CallWitness {
  /// Every call and tail call of a function; nil if the image has no function of this name.
  func calls(from function: String) -> [WitnessedCall]?
}
