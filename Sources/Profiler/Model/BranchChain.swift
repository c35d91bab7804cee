/// A call chain made of a sample's branch stack, leaf first:
///
///     where the newest branch went   its source   the source of the one before   …
///
/// Between two branches the code runs straight on, so each frame is the function in which the branch
/// before it had ended. Of the processor's own call stack the sources are the calls not yet returned
/// from: what `perf script` shows for `--call-graph lbr`.
struct BranchChain {
  private(set) var words: [UInt64] = []
  private var context: UInt64?

  /// - Parameters:
  ///   - branches: `perf_branch_entry[nr]` in `body`, the newest first.
  ///   - kernelPart: the words of the recorded chain that stand before it.
  init(
    _ body: RawSpan, _ branches: Range<Int>, after kernelPart: Range<Int>, swapped: Bool
  ) {
    func word(_ place: Int) -> UInt64 { body.load(UInt64.self, at: place, swapped: swapped) }
    words = stride(from: kernelPart.lowerBound, to: kernelPart.upperBound, by: 8).map(word)
    words.append(CallchainContext.branches)
    for entry in stride(from: branches.lowerBound, to: branches.upperBound, by: 24) {
      if entry == branches.lowerBound { append(word(entry + 8)) }
      append(word(entry))
    }
  }

  /// An address' upper half says whose it is on all machines that have branch stacks. 0 is an empty
  /// entry.
  private mutating func append(_ address: UInt64) {
    guard address != 0, address < CallchainContext.smallest else { return }
    let owner = address >> 63 == 1 ? CallchainContext.kernel : CallchainContext.user
    if context != owner { words.append(owner) }
    context = owner
    words.append(address)
  }
}

extension RawSpan {
  /// The words of a call chain before its user part: nil where it has none.
  func kernelPart(of chain: Range<Int>, swapped: Bool) -> Range<Int>? {
    for place in stride(from: chain.lowerBound, to: chain.upperBound, by: 8)
    where load(UInt64.self, at: place, swapped: swapped) == CallchainContext.user {
      return chain.lowerBound..<place
    }
    return nil
  }
}
