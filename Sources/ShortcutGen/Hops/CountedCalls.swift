// What exact counts of calls say of a call site.

extension SiteEvidence.CountedCalls {
  /// Calls on each descriptor, with the leaves of the samples that were taken in them.
  func byDescriptor(_ leafCount: LeafCount) -> [Candidate.Distribution.Count] {
    descriptors.map { descriptor, calls in
      let samples = leaves[descriptor].map(leafCount.merged)
      return Candidate.Distribution.Count(
        value: Int64(descriptor), calls: calls, leaves: samples,
        monomorphicLowerBound95: samples.map {
          rounded(
            Binomial.lowerBound(
              hits: $0.values.max() ?? 0, of: $0.values.reduce(0, +), alpha: 0.05))
        })
    }
  }

  /// Calls on descriptors whose samples all show one leaf, by that leaf; nil where no sample shows
  /// both.
  func byLeaf(_ leafCount: LeafCount) -> [String: UInt64]? {
    guard !leaves.isEmpty else { return nil }
    return descriptors.reduce(into: [:]) { calls, descriptor in
      let seen = leaves[descriptor.key].map(leafCount.merged) ?? [:]
      guard seen.count == 1, let leaf = seen.keys.first else { return }
      calls[leaf, default: 0] &+= descriptor.value
    }
  }

  /// Calls by the number of bytes asked for.
  var bySize: [Candidate.Distribution.Count] {
    sizes.map { Candidate.Distribution.Count(value: Int64(clamping: $0.key), calls: $0.value) }
  }
}
