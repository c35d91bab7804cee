/// The time threads spent not running, by the stack they were switched out with.
///
/// A thread waits from a `sched:sched_switch` sample that it is `prev_pid` of to the next one, on
/// any CPU, that it is `next_pid` of, or to its `PERF_RECORD_SWITCH`, whichever is first. A recording
/// of single threads has only the latter (`perf record --switch-events`): the kernel takes the other
/// samples in other threads. The idle tasks (pid 0) don't wait.
public struct OffCPU: Sendable {
  /// Number of waits that ended.
  public private(set) var waits = 0
  /// Number of threads that were never seen running again.
  public private(set) var unfinished = 0
  /// By row of the profile's groups.
  private var weights: [SampleGroups.Weight]

  private struct Wait {
    let start: UInt64
    let group: Int
    /// Whether it was asked for.
    let counts: Bool
  }

  /// - Parameters:
  ///   - profile: read with ``SampleSelection/switches``.
  ///   - wanted: the waits that count are those of its threads that begin in its times.
  public init(_ profile: Profile, _ wanted: SampleSelection) {
    weights = profile.groups.rows.map { _ in SampleGroups.Weight() }
    var waiting: [Int64: Wait] = [:]
    // Samples and records name threads as perf's PID namespace does, tracepoints as the first one.
    var globalIDs: [Int32: Int64] = [:]
    for change in OffCPU.changes(profile) {
      let starting: Int64?
      switch change {
      case .sample(let row): starting = profile.samples.fields[1][row]
      case .record(let begin): starting = globalIDs[begin.tid] ?? Int64(begin.tid)
      }
      if let starting, let wait = waiting.removeValue(forKey: starting) {
        end(wait, at: change.time(profile))
      }
      guard case .sample(let row) = change, let stopping = profile.samples.fields[0][row],
        stopping != 0
      else { continue }
      let (time, thread) = (
        profile.samples.time[row], profile.threads[Int(profile.samples.thread[row])]
      )
      globalIDs[thread.tid] = stopping
      waiting[stopping] = Wait(
        start: time, group: profile.samples.stack[row].index,
        counts: wanted.contains(time: time, tid: thread.tid))
    }
    unfinished = waiting.values.count { $0.counts }
  }

  private mutating func end(_ wait: Wait, at time: UInt64) {
    guard wait.counts else { return }
    waits += 1
    weights[wait.group].samples += 1
    weights[wait.group].period.addClamped(time - wait.start)  // changes are in the order of time
  }

  private enum Change {
    /// One thread stops, another begins.
    case sample(row: Int)
    case record(SwitchIn)

    func time(_ profile: Profile) -> UInt64 {
      switch self {
      case .sample(let row): profile.samples.time[row]
      case .record(let begin): begin.time
      }
    }
  }

  /// In the order of time; at one time, samples first, in the order of the file.
  private static func changes(_ profile: Profile) -> [Change] {
    let samples = profile.samples
    let switches = Set(profile.switchEvents)
    let all =
      (0..<samples.count).filter { switches.contains(Int(samples.event[$0])) }.map(Change.sample)
      + profile.switches.map(Change.record)
    let times = all.map { $0.time(profile) }
    return all.indices.sorted { (times[$0], $0) < (times[$1], $1) }.map { all[$0] }
  }

  /// The profile with each group weighing what it waited: samples are waits, periods nanoseconds.
  public func weighing(_ profile: consuming Profile) -> Profile {
    profile.groups.weigh(weights)
    return profile
  }
}

extension Profile {
  /// The events of `sched:sched_switch`, as far as the recording describes its fields.
  public var switchEvents: [Int] {
    attributes.indices.filter { row in
      let format = format(of: attributes[row])
      return format?.name == "sched_switch" && format?.number(["prev_pid"]) != nil
        && format?.number(["next_pid"]) != nil
    }
  }
}

extension SampleSelection {
  /// What ``OffCPU`` needs.
  public static var switches: SampleSelection {
    var selection = SampleSelection()
    selection.fields = [["prev_pid"], ["next_pid"]]
    selection.keepsSamples = true
    selection.keepsSwitches = true
    return selection
  }
}

/// A thread begins to run: `PERF_RECORD_SWITCH` or `_CPU_WIDE` without `MISC_SWITCH_OUT`.
struct SwitchIn: Sendable {
  let time: UInt64
  let tid: Int32
}
