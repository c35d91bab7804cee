import Dispatch
import Synchronization

/// Runs pieces of work side by side, each on a thread of its own.
///
/// - Returns: their results, in the order of the pieces.
public func concurrently<Result: Sendable>(
  _ count: Int, _ work: @Sendable (Int) -> Result
) -> [Result] {
  guard count > 1 else { return (0..<count).map(work) }
  let results = Mutex<[(Int, Result)]>([])
  DispatchQueue.concurrentPerform(iterations: count) { piece in
    let result = work(piece)
    results.withLock { $0.append((piece, result)) }
  }
  return results.withLock { $0.sorted { $0.0 < $1.0 }.map(\.1) }
}
