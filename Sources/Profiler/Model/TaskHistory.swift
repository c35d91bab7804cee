/// What happened to tasks, each change with its time: added in the file's order, asked for by task and in
/// the order of time.
struct TaskHistory<Change: Sendable>: Sendable {
  struct Event: Sendable {
    let time: UInt64
    let change: Change
  }

  /// The tasks of which something is known, in the order of first appearance.
  private(set) var tasks: [UInt64] = []
  private var rows = IntegerMap()
  private var events: [Event] = []
  /// Row of ``tasks`` of each event, until ``seal()``.
  private var owners: [UInt32] = []
  /// Where each task's events begin, and the last one's end; empty until ``seal()``.
  private var starts: [Int] = []

  /// - Parameter task: its id, or what stands for it.
  mutating func add(_ change: Change, to task: UInt64, at time: UInt64) {
    let row = rows.row(of: task, orInsert: UInt32(tasks.count))
    if row == tasks.count { tasks.append(task) }
    owners.append(row)
    events.append(Event(time: time, change: change))
  }

  /// Puts each task's events together and in order; equal times keep the file's order.
  mutating func seal() {
    var places = [Int](repeating: 0, count: tasks.count + 1)
    for owner in owners { places[Int(owner) + 1] += 1 }
    for task in tasks.indices { places[task + 1] += places[task] }
    starts = places
    var order = [Int](repeating: 0, count: events.count)
    for (number, owner) in owners.enumerated() {
      order[places[Int(owner)]] = number
      places[Int(owner)] += 1
    }
    let all = events
    for task in tasks.indices {
      let range = starts[task]..<starts[task + 1]
      let isSorted = zip(order[range], order[range].dropFirst())
        .allSatisfy { all[$0].time <= all[$1].time }
      if !isSorted { order[range].sort { (all[$0].time, $0) < (all[$1].time, $1) } }
    }
    events = order.map { all[$0] }
    owners = []
  }

  /// A task's events in the order of time; none before ``seal()``.
  func events(of task: UInt64) -> ArraySlice<Event> {
    guard let row = rows.row(of: task).map(Int.init), row + 1 < starts.count else { return [] }
    return events[starts[row]..<starts[row + 1]]
  }
}

extension Int32 {
  /// A process as a task of ``TaskHistory``.
  var task: UInt64 { UInt64(UInt32(bitPattern: self)) }
}

extension ThreadKey {
  /// A thread as a task of ``TaskHistory``.
  var task: UInt64 { pid.task << 32 | tid.task }

  init(task: UInt64) {
    self.init(
      pid: Int32(truncatingIfNeeded: task >> 32), tid: Int32(truncatingIfNeeded: task))
  }
}
