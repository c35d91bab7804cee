/// The time threads spent not running, by the stack they were switched out with.
///
/// A thread waits from a `sched:sched_switch` sample that it is `prev_pid` of to the next one, on
/// any CPU, that it is `next_pid` of, or to its `PERF_RECORD_SWITCH`, whichever is first. A recording
/// of single threads has only the latter (`perf record --switch-events`): the kernel takes the other
/// samples in other threads. Where nothing says that a thread was switched in, but it stops again,
/// its wait ends with its first sample of any event. The idle tasks (pid 0) don't wait.
public struct OffCPU: Sendable {
  /// Number of waits that ended.
  public private(set) var waits = 0
  /// Number of those whose end is not recorded: they took no longer than to the thread's next sample.
  public private(set) var bounded = 0
  /// Number of threads that were never seen running again.
  public private(set) var unfinished = 0
  /// By row of the profile's groups.
  private var weights: [SampleGroups.Weight]

  private struct Wait {
    let start: UInt64
    let group: Int
    /// Whether it was asked for.
    let counts: Bool
    /// The time of the thread's first sample since then.
    var seen: UInt64?
  }

  /// - Parameters:
  ///   - profile: read with ``SampleSelection/switches``.
  ///   - wanted: the waits that count are those of its threads that begin in its times.
  public init(_ profile: Profile, _ wanted: SampleSelection) {
    weights = profile.groups.rows.map { _ in SampleGroups.Weight() }
    var waiting: [Int64: Wait] = [:]
    // Samples and records name threads as perf's PID namespace does, tracepoints as the first one.
    var globalIDs: [Int32: Int64] = [:]
    let switches = Set(profile.switchEvents)
    for change in OffCPU.changes(profile) {
      switch change {
      case .record(let begin):
        end(waiting.removeValue(forKey: globalIDs[begin.tid] ?? Int64(begin.tid)), at: begin.time)
      case .sample(let row):
        let (time, thread) = (
          profile.samples.time[row], profile.threads[Int(profile.samples.thread[row])]
        )
        guard switches.contains(Int(profile.samples.event[row])) else {
          let id = globalIDs[thread.tid] ?? Int64(thread.tid)
          if waiting[id]?.seen == nil { waiting[id]?.seen = time }
          continue
        }
        if let starting = profile.samples.fields[1][row] {
          end(waiting.removeValue(forKey: starting), at: time)
        }
        guard let stopping = profile.samples.fields[0][row], stopping != 0 else { continue }
        globalIDs[thread.tid] = stopping
        endUnseen(waiting[stopping], before: time)
        waiting[stopping] = Wait(
          start: time, group: profile.samples.stack[row].index,
          counts: wanted.contains(time: time, tid: thread.tid))
      }
    }
    for wait in waiting.values { endUnseen(wait, before: nil) }
  }

  /// Ends a wait whose end is not recorded.
  ///
  /// - Parameter time: when the thread was running again at last, if it ever was.
  private mutating func endUnseen(_ wait: Wait?, before time: UInt64?) {
    guard let wait, wait.counts else { return }
    guard let time = wait.seen ?? time else { return unfinished += 1 }
    bounded += 1
    end(wait, at: time)
  }

  private mutating func end(_ wait: Wait?, at time: UInt64) {
    guard let wait, wait.counts else { return }
    waits += 1
    weights[wait.group].samples += 1
    weights[wait.group].period.addClamped(time - wait.start)  // changes are in the order of time
  }

  private enum Change {
    /// Of a switch: one thread stops, another begins. Of another event: a thread runs.
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
    let all =
      (0..<profile.samples.count).map(Change.sample) + profile.switches.map(Change.record)
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
