/// Puts back the frames that tail calls keep from a call chain.
///
/// A function whose last act is a call is compiled to jump there, and its frame is gone: below
/// `__sock_sendmsg` stands `tcp_sendmsg`, though it was `inet_sendmsg` that was called. Where the
/// caller has no call of the next frame, the ways from what it does call are followed over tail
/// calls only; if one function stands between on every shortest way, it must have been there.
public final class MissingFrames {
  let code: KernelCode
  private var known: [Edge: [String]] = [:]

  private struct Edge: Hashable {
    let caller: String
    let callee: String
    let returnAddress: UInt64?
  }

  /// Frames put back between two at most.
  private static let longest = 4

  /// - Parameter code: the kernel's.
  public init(_ code: KernelCode) { self.code = code }

  /// The functions between a caller and what the call chain says it called, outermost first; empty
  /// where the caller calls it itself, where there is no way, and where there are several.
  ///
  /// - Parameter returnAddress: of the call in the running kernel, if it is known; without it any
  ///   call of the caller may be the one, and nothing is put back where one is through a pointer.
  public func between(
    _ caller: String, _ callee: String, returningTo returnAddress: UInt64? = nil
  ) -> [String] {
    let edge = Edge(caller: caller, callee: callee, returnAddress: returnAddress)
    if let path = known[edge] { return path }
    let path = search(edge)
    known[edge] = path
    return path
  }

  private func search(_ edge: Edge) -> [String] {
    let calls: [DecodedCall]
    if let address = edge.returnAddress {
      calls = code.call(returningTo: address).map { [$0] } ?? []
    } else {
      calls = code.calls(from: edge.caller).filter { !$0.isTail }
    }
    guard calls.allSatisfy({ !targets($0).isEmpty }) else { return [] }
    let first = Set(calls.flatMap(targets))
    guard !edge.callee.hasSuffix(".cold") else { return [] }  // a part of the function called
    return first.contains(where: { code.isSame($0, edge.callee) })
      ? [] : onlyWay(from: first.sorted(), to: edge.callee)
  }

  /// Where a call goes; several for a call through a fixed table, none where only the running
  /// kernel knows: tables of modules aren't in the image.
  private func targets(_ call: DecodedCall) -> [String] {
    guard !call.isReplaceable else { return [] }
    if let first = call.targets.first { return [first] }
    return call.table.map(code.functions(inTableAt:)) ?? []
  }

  /// Breadth first over tail calls; nothing where two shortest ways differ.
  private func onlyWay(from first: [String], to callee: String) -> [String] {
    var ways = first.map { [$0] }
    var seen = Set(first)
    for _ in 0..<MissingFrames.longest {
      var next: [[String]] = []
      for way in ways {
        let reached = Set(code.calls(from: way[way.count - 1]).filter(\.isTail).flatMap(targets))
        next += reached.subtracting(seen).sorted().map { way + [$0] }
      }
      let found = next.filter { code.isSame($0[$0.count - 1], callee) }
      if !found.isEmpty { return found.count == 1 ? Array(found[0].dropLast()) : [] }
      seen.formUnion(next.map { $0[$0.count - 1] })
      ways = next
      guard ways.count <= MissingFrames.mostWays else { return [] }
    }
    return []
  }

  /// Ways followed at once; `x64_sys_call` alone has 400.
  private static let mostWays = 10_000
}

extension KernelCode {
  /// The functions that the pointers of a fixed table lead to, as far as its symbol goes.
  func functions(inTableAt address: UInt64) -> [String] {
    guard let row = symbols.row(covering: address),
      image.section(at: address)?.name.hasPrefix(".rodata") ?? false
    else { return [] }
    let count = Int(clamping: min(symbols.end(row) &- address, 16 << 10))
    let pointers = image.withBytes(at: address, count: count) { bytes in
      stride(from: 0, to: bytes.byteCount, by: 8).compactMap { bytes.integer(UInt64.self, at: $0) }
    }
    return Set(pointers.filter(image.isCode).compactMap { names(at: $0).first }).sorted()
  }

  /// Whether two names are those of one function.
  func isSame(_ a: String, _ b: String) -> Bool {
    guard a != b, let first = address(of: a), let second = address(of: b) else { return a == b }
    return first == second
  }
}
