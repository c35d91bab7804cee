public import Profiler

/// Whether the code at a return address can have made the call that a call chain shows.
public enum CallEvidence: Sendable, Equatable {
  /// It calls the function.
  case calls
  /// It calls another function whose frame is missing, and that one makes the call: it ends in a jump
  /// there, or is a frame that the called function dropped.
  case hidden(in: String)
  /// It calls through a pointer: nobody can say.
  case pointer
  /// It calls another function, which doesn't make the call.
  case elsewhere(String)
  /// No call ends there.
  case noCall
}

/// Where a call stands in code.
public struct FoundCall: Sendable, Equatable {
  /// Whether it can be the one.
  public let evidence: CallEvidence
  /// Address of the instruction that makes the call, in its image; of a hidden one that in the
  /// function without a frame.
  public let address: UInt64
}

extension KernelCode {
  /// The code of a program or a library; what it calls in others is known by its procedure linkage
  /// table, as `name@plt`.
  ///
  /// - Throws: ``SymbolError`` for what is no x86-64 ELF file.
  public convenience init(program image: KernelImage) throws(SymbolError) {
    let symbols = try ElfImage(path: image.path).symbols
    try self.init(image, ImageSymbols(symbols, shift: 0, isOwn: true))
  }

  /// Looks whether the call that ends at a return address can be one of a function.
  ///
  /// - Parameter isCalled: whether a name is the called function's.
  /// - Returns: nil where there is no code.
  public func evidence(
    returningTo address: UInt64, _ isCalled: (String) -> Bool
  ) -> FoundCall? {
    guard let caller = function(covering: address &- 1) else { return nil }
    guard let call = self.call(returningTo: address) else {
      let isDecoded = !calls(from: caller).isEmpty
      return isDecoded ? FoundCall(evidence: .noCall, address: address) : nil
    }
    guard let name = call.targets.first else {
      return FoundCall(evidence: .pointer, address: call.address)
    }
    if call.targets.contains(where: isCalled) {
      return FoundCall(evidence: .calls, address: call.address)
    }
    // What stands behind the table may end in a jump to the function.
    if name.hasSuffix("@plt"), SystemCalls.made(by: name).isEmpty {
      return FoundCall(evidence: .pointer, address: call.address)
    }
    if let target = call.function, let inside = self.call(in: target, isCalled) {
      return FoundCall(evidence: .hidden(in: name), address: inside.address)
    }
    return FoundCall(evidence: .elsewhere(name), address: call.address)
  }

  /// Where the only call is that a function makes of one with such a name, as an address of its image;
  /// for a frame that a jump hid, which has no return address.
  public func onlyCall(fromFunctionAt running: UInt64, _ isCalled: (String) -> Bool) -> UInt64? {
    call(in: running, isCalled)?.address
  }

  /// The only call or jump of a function to one with such a name, also over further jumps.
  private func call(in function: UInt64, _ isCalled: (String) -> Bool) -> DecodedCall? {
    let all = calls(from: function)
    let direct = all.filter { $0.targets.contains(where: isCalled) }
    if !direct.isEmpty { return direct.count == 1 ? direct[0] : nil }
    let tails = TailCalls(self)
    let leading = all.filter { call in
      guard let target = call.function else { return false }
      return tails.reached(from: target).functions.contains { place in
        name(ofRunning: place).map(isCalled) ?? false
      }
    }
    return leading.count == 1 ? leading[0] : nil
  }
}
