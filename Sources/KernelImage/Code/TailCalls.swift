/// Where functions lead by tail calls alone: a function whose last act is a call is compiled to jump
/// there, and has no frame any more.
final class TailCalls {
  private let code: KernelCode
  private var known: [UInt64: Reached] = [:]

  /// What a function leads to.
  struct Reached {
    /// By function reached, the function before it on the shortest way.
    fileprivate var before: [UInt64: UInt64] = [:]
    /// Functions that several shortest ways lead to.
    fileprivate var ambiguous: Set<UInt64> = []
    fileprivate let start: UInt64

    /// All that it leads to, itself included.
    var functions: Set<UInt64> { Set(before.keys).union([start]) }

    /// Whether some way leads there; none is needed to the function itself.
    func leads(to function: UInt64) -> Bool { function == start || before[function] != nil }

    /// Jumps of the shortest ways to a function that it leads to.
    func length(to function: UInt64) -> Int {
      sequence(first: function) { $0 == start ? nil : before[$0] }.reduce(-1) { count, _ in
        count + 1
      }
    }

    /// The functions on the only shortest way, without the last; nil where there are several or
    /// none.
    func way(to function: UInt64) -> [UInt64]? {
      var way: [UInt64] = []
      var place = function
      while place != start {
        guard !ambiguous.contains(place), let previous = before[place] else { return nil }
        way.append(previous)
        place = previous
      }
      return way.reversed()
    }
  }

  /// Jumps followed one behind the other.
  private static let longest = 5
  /// Functions looked at from one on; `x64_sys_call` alone has 400.
  private static let most = 10_000

  init(_ code: KernelCode) { self.code = code }

  /// What a function leads to.
  func reached(from start: UInt64) -> Reached {
    if let reached = known[start] { return reached }
    let reached = search(start)
    known[start] = reached
    return reached
  }

  /// Breadth first.
  private func search(_ start: UInt64) -> Reached {
    var reached = Reached(start: start)
    var level: [UInt64] = [start]
    for _ in 0..<TailCalls.longest where reached.before.count < TailCalls.most {
      var next: [UInt64] = []
      for function in level {
        let targets = Set(code.calls(from: function).filter(\.isTail).flatMap(code.targets))
        for target in targets.sorted() where target != start {
          if reached.before[target] == nil {
            reached.before[target] = function
            next.append(target)
          } else if next.contains(target) {
            reached.ambiguous.insert(target)
          }
        }
      }
      level = next
    }
    return reached
  }
}

extension KernelCode {
  /// Where a call goes; several for a call through a fixed table, none where only the running kernel
  /// knows.
  func targets(_ call: DecodedCall) -> [UInt64] {
    guard !call.isReplaceable else { return [] }
    if let function = call.function { return [function] }
    return call.table.map(functions(inTableAt:)) ?? []
  }
}
