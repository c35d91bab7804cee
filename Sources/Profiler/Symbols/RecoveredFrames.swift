/// Two neighbours in the kernel part of a call chain.
public struct KernelEdge: Hashable, Sendable {
  /// An address in the function that runs: a return address, or where the CPU was.
  public let callee: UInt64
  /// Where it returns to.
  public let returnAddress: UInt64

  /// Names two neighbours.
  public init(callee: UInt64, returnAddress: UInt64) {
    self.callee = callee
    self.returnAddress = returnAddress
  }
}

/// Frames that tail calls keep from call chains, found in the kernel's image.
///
/// A function that was put back stands in the chain with an address of its own, one byte behind its
/// first: no call returns there, so ``isRecovered`` knows it again.
public struct RecoveredFrames: Sendable {
  /// First addresses of the functions between two neighbours, in the running kernel, innermost
  /// first.
  private let between: [KernelEdge: [UInt64]]
  private let starts: Set<UInt64>

  /// - Parameter between: first addresses of functions, innermost first.
  public init(_ between: [KernelEdge: [UInt64]]) {
    self.between = between.filter { !$0.value.isEmpty }
    starts = Set(self.between.values.joined())
  }

  /// First addresses of the functions put back, in the running kernel, sorted.
  public var functions: [UInt64] { starts.sorted() }

  /// Number of pairs of neighbours that something stands between.
  public var count: Int { between.count }

  /// Whether an address of a chain is that of a frame that was put back.
  public func isRecovered(_ address: UInt64) -> Bool { starts.contains(address &- 1) }

  /// Puts the frames into a call chain, leaf first, with its context markers.
  func fill(_ words: inout [UInt64]) {
    guard words.count > 1 else { return }
    for index in (1..<words.count).reversed() {
      let edge = KernelEdge(callee: words[index - 1], returnAddress: words[index])
      guard let starts = between[edge] else { continue }
      words.insert(contentsOf: starts.map { $0 &+ 1 }, at: index)
    }
  }
}

extension Profile {
  /// All neighbours of kernel addresses in the call chains.
  public var kernelEdges: Set<KernelEdge> {
    var found: Set<KernelEdge> = []
    var words: [UInt64] = []
    for group in groups.rows {
      groups.chains.copy(group.chain, into: &words)
      for (callee, next) in zip(words, words.dropFirst())
      where Self.isKernelAddress(callee) && Self.isKernelAddress(next) {
        found.insert(KernelEdge(callee: callee, returnAddress: next))
      }
    }
    return found
  }

  private static func isKernelAddress(_ word: UInt64) -> Bool {
    word >> 63 == 1 && word < CallchainContext.smallest
  }
}
