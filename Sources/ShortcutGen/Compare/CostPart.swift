import Profiler

/// What a sample of a compared recording counts for.
public enum CostPart: String, Sendable, Encodable, CaseIterable {
  /// What a shortcut skips at the sites that have one: trunk, helpers, entry and exit code.
  case skipped
  /// Functions that only the kernel afterwards has.
  case stub
  /// Other entry and exit code of system calls.
  case entry
  /// Switching to another process.
  case scheduler
  /// Waking others up.
  case wakeups
  /// The application's own code.
  case application
  /// All other kernel code of the application: what its calls are for.
  case kernel
  /// The scheduler in other processes.
  case schedulerBeside
  /// Other processes.
  case beside

  /// For people.
  public var title: String {
    switch self {
    case .skipped: "skipped by the shortcuts: trunk, helpers, entry and exit code"
    case .stub: "the shortcuts themselves"
    case .entry: "other entry and exit code of system calls"
    case .scheduler: "the scheduler: switching to another process"
    case .wakeups: "waking others up"
    case .application: "the application's own code"
    case .kernel: "other kernel code of the application: what its calls are for"
    case .schedulerBeside: "the scheduler in other processes"
    case .beside: "other processes"
    }
  }
}

/// Tells what samples count for.
struct CostPartFinder {
  private let profile: ResolvedProfile
  private var finder: CallPathFinder
  private let marks: [Mark]
  private let isSite: (CallPath.Site, String) -> Bool
  private var known: [Int: CostPart] = [:]

  private enum Mark { case scheduler, wakeup, stub, none }

  /// - Parameters:
  ///   - isSite: whether a site and its system call have a shortcut.
  ///   - isNew: whether only the kernel afterwards has a function of this symbol.
  init(
    _ profile: ResolvedProfile, _ catalog: OperationCatalog,
    isSite: @escaping (CallPath.Site, String) -> Bool, isNew: (String) -> Bool
  ) {
    self.profile = profile
    self.isSite = isSite
    finder = CallPathFinder(profile, catalog: catalog)
    marks = profile.functions.map { function in
      guard function.origin == .kernel else { return .none }
      let name = KernelEntry.plain(function.symbol)
      if Self.scheduler.contains(name) { return .scheduler }
      if Self.wakeups.contains(where: name.hasPrefix) { return .wakeup }
      return isNew(function.symbol) ? .stub : .none
    }
  }

  /// Source: kernel/sched/core.c, kernel/sched/wait.c, fs/eventpoll.c, net/core/sock.c of Linux 6.1.
  private static let scheduler: Set = [
    "schedule", "__schedule", "finish_task_switch", "__sched_text_start", "preempt_schedule",
    "preempt_schedule_common", "preempt_schedule_irq", "__switch_to", "__switch_to_asm",
  ]
  private static let wakeups = [
    "__wake_up", "try_to_wake_up", "ttwu_", "ep_poll_callback", "sock_def_readable",
    "sock_def_write_space", "default_wake_function", "autoremove_wake_function", "wake_up_",
  ]

  /// - Parameter isOwn: whether it is a sample of the analysed process.
  mutating func part(of stack: Int, isOwn: Bool) -> CostPart {
    let part = known[stack] ?? find(stack)
    known[stack] = part
    guard !isOwn else { return part }
    return part == .scheduler ? .schedulerBeside : .beside
  }

  private mutating func find(_ stack: Int) -> CostPart {
    let functions = profile.stacks[stack].map { profile.locations.function[$0.index].index }
    guard let innermost = functions.last else { return .kernel }
    if functions.contains(where: { marks[$0] == .scheduler }) { return .scheduler }
    if functions.contains(where: { marks[$0] == .wakeup }) { return .wakeups }
    if marks[innermost] == .stub { return .stub }
    if let path = finder.path(of: stack), let syscall = path.syscall, isSite(path.site, syscall) {
      switch path.depth {
      case .transition, .skipped, .kept, .wrapper: return .skipped
      case .leaf, .unlisted, .elsewhere: break
      }
    }
    switch profile.functions[innermost].origin {
    case .application: return .application
    case .transition: return .entry
    case .kernel, .thread, .unresolved: return .kernel
    }
  }
}
