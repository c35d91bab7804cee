import ArgumentParser
import Profiler

/// What stands for the time of a stack, where that is not simply the samples.
struct StackOptions: ParsableArguments {
  @Flag(
    name: .customLong("off-cpu"),
    help: """
      The time threads waited, by the stack they were switched out with, from \
      sched:sched_switch: samples are waits, periods nanoseconds.
      """)
  var offCPU = false

  @Flag(
    help: """
      The branches before each sample in place of its call chain, from 'perf record -b': the newest \
      one's target, then the sources.
      """)
  var branchStack = false

  /// What is read of a recording for this.
  func selection(_ samples: SampleOptions) -> SampleSelection {
    var selection = offCPU ? .switches : samples.selection
    selection.showsBranches = branchStack
    return selection
  }

  /// What weights count, for people.
  func unit(_ weighting: Weighting) -> String {
    guard offCPU else { return weighting.unit }
    return weighting == .samples ? "waits" : "ns"
  }

  /// - Throws: ``ValidationError`` where the other options can't go with these.
  func check(_ samples: SampleOptions) throws {
    guard !offCPU || samples.event == nil else {
      throw ValidationError("--off-cpu is about sched:sched_switch: leave --event out")
    }
    guard !offCPU || !branchStack else {
      throw ValidationError("--off-cpu and --branch-stack exclude each other")
    }
  }
}

/// A recording whose samples are the waits of its threads.
struct WaitingProfile {
  let profile: Profile
  /// The events of its samples.
  let events: Set<Int>
  /// What the user should know.
  let notes: [String]

  /// - Parameter profile: read with ``SampleSelection/switches``.
  /// - Throws: ``InputError`` for a recording that doesn't say who waited.
  init(_ profile: Profile, _ samples: SampleOptions, recording: String) throws {
    let switches = profile.switchEvents
    guard switches.isEmpty else {
      let waits = OffCPU(profile, samples.selection)
      self.profile = waits.weighing(profile)
      events = Set(switches)
      notes = WaitingProfile.notes(waits)
      return
    }
    let names = profile.attributes.indices.map(profile.eventName)
    // perf record --off-cpu measures waits itself: its samples' periods are nanoseconds.
    let measured = names.indices.filter { names[$0].hasPrefix("offcpu-time") }
    guard !measured.isEmpty else {
      throw InputError(
        "\(recording): "
          + (names.contains { $0.hasPrefix("sched:sched_switch") }
            ? "nothing describes the fields of its sched:sched_switch: its tracing data are missing"
            : "no event sched:sched_switch: record with 'perf record -e sched:sched_switch -a -g'"))
    }
    (self.profile, events, notes) = (profile, Set(measured), [])
  }

  private static func notes(_ waits: OffCPU) -> [String] {
    var notes: [String] = []
    if waits.bounded > 0 {
      notes.append(
        "the end of \(waits.bounded) of \(waits.waits) waits is not recorded: they count to the "
          + "thread's next sample (record with -a, or with --switch-events)")
    }
    if waits.unfinished > 0 {
      notes.append(
        "\(waits.unfinished) threads were not seen to run again; their last wait is left out")
    }
    return notes
  }
}
