public import Profiler

/// A process in a recording and its share of it.
public struct ThreadGroup: Sendable {
  /// Thread group id.
  public let pid: Int32
  /// The name under which most of its samples were taken.
  public let comm: String
  /// All names its threads had, sorted.
  public let comms: [String]
  /// Weight of its samples.
  public let weight: UInt64
  /// Weight of the samples in which application code linked into the kernel is on the stack.
  public let uklWeight: UInt64
  /// Whether any stack holds application code at all; kernel threads' don't.
  public let hasApplication: Bool
}

/// What to analyse.
public enum Selection: Sendable, Equatable {
  /// The UKL task's thread group; without one the busiest process.
  case automatic
  /// The thread groups of which a thread has this name.
  case comm(String)
  /// One thread group.
  case pid(Int32)
}

/// All processes of a recording and those chosen for analysis.
public struct ThreadGroups: Sendable {
  /// Everything recorded, by weight.
  public let all: [ThreadGroup]
  /// The ids of what is analysed.
  public let selected: Set<Int32>
  /// Whether the analysed processes run inside a UKL kernel.
  public let isUKL: Bool
  /// Sum of all weights.
  public let total: UInt64

  /// - Throws: ``AnalysisError`` where nothing fits the selection.
  public init(
    _ profile: ResolvedProfile, weighting: Weighting, selection: Selection
  ) throws(AnalysisError) {
    let groups = ThreadGroups.collect(profile, weighting: weighting)
    let chosen = try ThreadGroups.choose(groups, selection)
    all = groups
    total = groups.reduce(0) { $0 &+ $1.weight }
    selected = Set(chosen.map(\.pid))
    isUKL = chosen.contains { $0.uklWeight > 0 }
  }

  private static func choose(
    _ groups: [ThreadGroup], _ selection: Selection
  ) throws(AnalysisError) -> [ThreadGroup] {
    switch selection {
    case .pid(let pid):
      let chosen = groups.filter { $0.pid == pid }
      guard !chosen.isEmpty else { throw AnalysisError("no samples of process \(pid)") }
      return chosen
    case .comm(let comm):
      let chosen = groups.filter { $0.comms.contains(comm) }
      guard !chosen.isEmpty else {
        throw AnalysisError(
          "no samples of a thread named '\(comm)'; there are "
            + groups.prefix(8).map(\.comm).joined(separator: ", "))
      }
      return chosen
    case .automatic:
      if let ukl = groups.filter({ $0.uklWeight > 0 }).max(by: { $0.uklWeight < $1.uklWeight }) {
        return [ukl]
      }
      let busiest = groups.first { $0.pid > 0 && $0.hasApplication && !isRecorder($0) }
      guard let busiest else {
        throw AnalysisError(
          "no samples of a process that runs application code; record it with 'perf record -g'")
      }
      return [busiest]
    }
  }

  private static func isRecorder(_ group: ThreadGroup) -> Bool {
    group.comm == "perf" || group.comm == "perf-exec"
  }

  private struct Sums {
    var weight: UInt64 = 0
    var ukl: UInt64 = 0
    var comms: [String: UInt64] = [:]
    var hasApplication = false
  }

  private static func collect(_ profile: ResolvedProfile, weighting: Weighting) -> [ThreadGroup] {
    let kinds = (0..<profile.stacks.count).map {
      kind(of: profile.stacks[$0], in: profile, row: $0)
    }
    var sums: [Int32: Sums] = [:]
    for row in profile.rows {
      let weight = row.weight(weighting)
      var sum = sums[row.pid] ?? Sums()
      sum.weight &+= weight
      sum.comms[profile.comms[row.comm], default: 0] &+= weight
      if kinds[row.stack] == .ukl { sum.ukl &+= weight }
      if kinds[row.stack] != .kernel { sum.hasApplication = true }
      sums[row.pid] = sum
    }
    return sums.map { pid, sum in
      let names = sum.comms.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
      return ThreadGroup(
        pid: pid, comm: names.first ?? "", comms: names.sorted(), weight: sum.weight,
        uklWeight: sum.ukl, hasApplication: sum.hasApplication)
    }.sorted { ($1.weight, $0.pid) < ($0.weight, $1.pid) }
  }

  private enum Kind { case kernel, user, ukl }

  private static func kind(
    of stack: ArraySlice<LocationID>, in profile: ResolvedProfile, row: Int
  ) -> Kind {
    if profile.stacks.part[row] != .asRecorded { return .ukl }
    let hasUser = stack.contains {
      switch profile.function($0).origin {
      case .application: true
      case .unresolved: profile.function($0).symbol != "[kernel.kallsyms]"
      case .thread, .transition, .kernel: false
      }
    }
    return hasUser ? .user : .kernel
  }
}

/// Why a recording can't be analysed; one line.
public struct AnalysisError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The line.
  public let description: String

  /// Wraps the line.
  public init(_ description: String) { self.description = description }
}
