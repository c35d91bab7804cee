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
    let samples = profile.samples
    var waiting: [Int64: Wait] = [:]
    for change in OffCPU.changes(profile) {
      if let tid = change.next, let wait = waiting.removeValue(forKey: tid) {
        end(wait, at: change.time)
      }
      guard let row = change.row, let tid = samples.fields[0][row], tid != 0 else { continue }
      let thread = profile.threads[Int(samples.thread[row])]
      waiting[tid] = Wait(
        start: change.time, group: samples.stack[row].index,
        counts: wanted.contains(time: change.time, tid: thread.tid))
    }
    unfinished = waiting.values.count { $0.counts }
  }

  private mutating func end(_ wait: Wait, at time: UInt64) {
    guard wait.counts else { return }
    waits += 1
    weights[wait.group].samples += 1
    weights[wait.group].period.addClamped(time - wait.start)
  }

  /// A thread begins to run, in the row of a sample another one stops.
  private struct Change {
    let time: UInt64
    let next: Int64?
    let row: Int?
  }

  /// In the order of time; at one time, of the file.
  private static func changes(_ profile: Profile) -> [Change] {
    let samples = profile.samples
    var changes = profile.switches.map { Change(time: $0.time, next: Int64($0.tid), row: nil) }
    for row in 0..<samples.count where samples.fields[1][row] != nil {
      changes.append(Change(time: samples.time[row], next: samples.fields[1][row], row: row))
    }
    let order = changes.indices.sorted { (changes[$0].time, $0) < (changes[$1].time, $1) }
    return order.map { changes[$0] }
  }

  /// The profile with each group weighing what it waited: samples are waits, periods nanoseconds.
  public func weighing(_ profile: consuming Profile) -> Profile {
    profile.groups.weigh(weights)
    return profile
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
