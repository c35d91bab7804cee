/// The stacks that one worker resolved, with all that is known of their frames.
struct ResolvedPart: StackSink {
  static let keepsAddresses = true
  fileprivate var stacks = ResolvedStackTable()
  fileprivate var rows: [WeightedStack] = []
  fileprivate var functions = FunctionTable()
  fileprivate var locations = LocationTable()

  mutating func add(
    _ frames: [LocationID], _ part: ApplicationPart, _ circumstance: WantedGroups.Known,
    _ group: SampleGroup, row: UInt32
  ) {
    rows.append(
      WeightedStack(
        pid: circumstance.circumstance.pid, comm: circumstance.comm,
        event: circumstance.circumstance.event, stack: stacks.count, samples: group.samples,
        period: group.period, group: Int(row)))
    stacks.frames += frames.reversed()
    stacks.ends.append(stacks.frames.count)
    stacks.part.append(part)
  }

  mutating func finish(_ locations: LocationResolver) {
    functions = locations.functions
    self.locations = locations.table
  }
}

/// Puts the workers' parts together; the numbers are those that one worker would have given.
struct ResolvedProfileBuilder {
  private var profile: ResolvedProfile
  private var functions = FunctionTable()
  private var locations = LocationInterner()

  init(_ empty: ResolvedProfile) { profile = empty }

  mutating func add(_ part: ResolvedPart) {
    let (functions, images) = functions.merge(part.functions)
    let ids = part.locations.function.indices.map { row in
      locations.location(
        images[Int(part.locations.image[row])], part.locations.address[row],
        functions[part.locations.function[row].index])
    }
    let first = (stack: profile.stacks.count, frame: profile.stacks.frames.count)
    profile.stacks.frames += part.stacks.frames.lazy.map { ids[$0.index] }
    profile.stacks.ends += part.stacks.ends.dropFirst().lazy.map { $0 + first.frame }
    profile.stacks.part += part.stacks.part
    profile.rows += part.rows.lazy.map { $0.moved(by: first.stack) }
  }

  consuming func finish(warnings: [String]) -> ResolvedProfile {
    profile.functions = functions.functions
    profile.images = functions.images
    profile.locations = locations.table
    profile.warnings = warnings
    return profile
  }
}
