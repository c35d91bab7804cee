/// Puts back the frames that tail calls keep from a call chain.
///
/// A function whose last act is a call is compiled to jump there, and its frame is gone: below
/// `__sock_sendmsg` stands `tcp_sendmsg`, though it was `inet_sendmsg` that was called. Where the
/// call before a return address goes to another function than the next frame's, the ways from
/// there are followed over tail calls only; if one function stands between on every shortest way,
/// it must have been there.
///
/// A call through a pointer may go to whatever stands in the tables' slot that the pointer was
/// loaded from. If only one of those leads to the next frame, it was the one; of several, the only
/// one that the recording shows being called there and that no other one's tail call explains. A
/// function that certainly was called and may jump to the next frame through a pointer was there.
public final class MissingFrames {
  let code: KernelCode
  private let slots: SlotTargets
  private let tails: TailCalls

  /// - Parameters:
  ///   - code: the kernel's and its modules'.
  ///   - slots: of all its tables; without them nothing is put back behind a call through a pointer.
  public init(_ code: KernelCode, slots: SlotTargets = SlotTargets()) {
    (self.code, self.slots) = (code, slots)
    tails = TailCalls(code)
  }

  /// The functions between a caller and what the call chain says it called, outermost first; empty
  /// where the caller calls it itself, where there is no way, and where there are several.
  ///
  /// - Parameters:
  ///   - returnAddress: of the call in the running kernel, if it is known; without it any call of the
  ///     caller may be the one, and nothing is put back where one is through a pointer.
  ///   - seen: all functions that call chains show below this return address.
  public func between(
    _ caller: String, _ callee: String, returningTo returnAddress: UInt64? = nil,
    seen: [String] = []
  ) -> [String] {
    guard let from = code.address(of: caller), let to = code.address(of: callee) else { return [] }
    let seen = Set(seen.compactMap(code.address(of:)))
    return between(from, to, returningTo: returnAddress, seen: seen)
      .compactMap(code.name(ofRunning:))
  }

  func between(
    _ caller: UInt64, _ callee: UInt64, returningTo returnAddress: UInt64?, seen: Set<UInt64>
  ) -> [UInt64] {
    guard !(code.name(ofRunning: callee) ?? "").hasSuffix(".cold") else {
      return []  // a part of the function called
    }
    guard let returnAddress else {
      let calls = code.calls(from: caller).filter { !$0.isTail }
      guard calls.allSatisfy({ !code.targets($0).isEmpty }) else { return [] }
      return onlyWay(from: Set(calls.flatMap(code.targets)), to: callee)
    }
    guard let call = code.call(returningTo: returnAddress) else { return [] }
    let targets = code.targets(call)
    if !targets.isEmpty { return onlyWay(from: Set(targets), to: callee) }
    return throughPointer(call, to: callee, seen: seen)
  }

  /// The only shortest of the ways from several functions, where the callee is none of them.
  private func onlyWay(from first: Set<UInt64>, to callee: UInt64) -> [UInt64] {
    guard !first.contains(callee) else { return [] }
    if first.count == 1, let target = first.first, jumpsThroughPointer(target, to: callee) {
      return [target]
    }
    let leading = first.map(tails.reached).filter { $0.leads(to: callee) }
    let lengths = leading.map { $0.length(to: callee) }
    guard let shortest = lengths.min(), lengths.count(where: { $0 == shortest }) == 1,
      let best = lengths.firstIndex(of: shortest)
    else { return [] }
    return leading[best].way(to: callee) ?? []
  }

  /// Whether a function may end in a jump to the callee through the slot of a table, and in no other
  /// one.
  private func jumpsThroughPointer(_ function: UInt64, to callee: UInt64) -> Bool {
    let tails = code.calls(from: function).filter(\.isTail)
    guard !tails.contains(where: { code.targets($0).contains(callee) }) else { return false }
    return tails.contains { jump in
      guard jump.kind == .indirect, !jump.isReplaceable, let load = jump.load else { return false }
      return candidates(jump, load).contains(callee)
    }
  }

  /// What stands in the slot; where that isn't known, what stands at its offset in any table.
  private func candidates(_ call: DecodedCall, _ load: DecodedCall.Load) -> Set<UInt64> {
    let typed = code.slot(of: call).map {
      slots.functions(at: Int64($0.offset), of: $0.structure)
    }
    return typed.flatMap { $0.isEmpty ? nil : $0 } ?? slots.functions(at: load.offset)
  }

  private func throughPointer(
    _ call: DecodedCall, to callee: UInt64, seen: Set<UInt64>
  ) -> [UInt64] {
    guard let load = call.load, !call.isReplaceable else { return [] }
    let candidates = candidates(call, load)
    let leading = candidates.filter { tails.reached(from: $0).leads(to: callee) }
    var chosen = leading
    if chosen.count > 1 {
      chosen = leading.filter { candidate in
        seen.contains(candidate)
          && !candidates.contains { other in
            other != candidate && tails.reached(from: other).leads(to: candidate)
          }
      }
    }
    guard chosen.count == 1, let function = chosen.first else { return [] }
    return tails.reached(from: function).way(to: callee) ?? []
  }
}
