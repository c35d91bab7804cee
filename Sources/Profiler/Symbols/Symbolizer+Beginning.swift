import Dispatch

extension Symbolizer {
  /// Call chains that are looked at; a program's binaries are all in the first few.
  private static let firstChains = 32

  /// Begins to read the binaries that the first call chains lead into, on a thread of its own: that takes as
  /// long as reading the kernel's symbols. Does nothing where there is one thread.
  public func begin(_ profile: Profile) {
    guard workers > 1 else { return }
    DispatchQueue.global().async(group: beginning) { readBinaries(profile) }
  }

  private func readBinaries(_ profile: Profile) {
    var locations = LocationResolver(
      profile, kernel: nil, images: images, isRaw: false, expandsInlines: false,
      keepsAddresses: false)
    var seen: Set<Int> = []
    var words: [UInt64] = []
    for group in profile.groups.rows.prefix(Symbolizer.firstChains) {
      let circumstance = profile.groups.circumstances[Int(group.circumstance)]
      locations.enter(circumstance.task.space, row: Int(group.circumstance))
      profile.groups.chains.copy(group.chain, into: &words)
      var isUser = true
      for word in words {
        if word >= CallchainContext.smallest {
          isUser = word == CallchainContext.user
        } else if isUser, let place = locations.place(of: word), seen.insert(place.file).inserted,
          expandsInlines
        {
          _ = place.image?.debugInfo?.inlinedFunctions(at: place.address)
        }
      }
    }
  }
}
