/// The samples of a recording merged by thread name and functions: what a flame graph shows.
///
/// Rows in the order of first appearance; the functions of all rows lie one behind the other,
/// leaf first:
///
///     frames  [ tcp_recvmsg  read  main │ … ]      ends  [ 0, 3, … ]
public struct FoldedStacks: Sendable {
  /// What the numbers in ``frames`` mean.
  public var functions: [Function] { table.functions }
  /// What the numbers in ``comm`` mean.
  public let comms: [String]
  /// Rows of ``functions``: all stacks, leaf first.
  public private(set) var frames: [UInt32] = []
  /// Where in ``frames`` each row ends; begins with 0.
  public private(set) var ends: [Int] = [0]
  /// Row of ``comms``: the name of each row's thread.
  public private(set) var comm: [UInt32] = []
  /// Weight of each row.
  public private(set) var weight: [UInt64] = []

  private var table = FunctionTable()
  private var known = FingerprintTable()

  init(comms: [String]) { self.comms = comms }

  /// No stacks yet, of these functions.
  init(comms: [String], functions: [Function]) {
    self.comms = comms
    for function in functions { _ = table.add(unkeyed: function) }
  }

  /// Number of rows.
  public var count: Int { weight.count }

  /// Adds the weight of a stack.
  ///
  /// - Parameter stack: `UInt32[n]`, the functions' rows as they stand in memory, leaf first.
  mutating func add(_ stack: RawSpan, comm: UInt32, weight more: UInt64) {
    var fingerprint = Fingerprint(seed: UInt64(comm))
    fingerprint.add(bytes: stack)
    let row = known.row(of: fingerprint)
    if row == weight.count {
      frames.append(addingCapacity: stack.byteCount / 4) { frames in
        for offset in stride(from: 0, to: stack.byteCount, by: 4) {
          frames.append(stack.load(UInt32.self, at: offset, swapped: false))
        }
      }
      ends.append(frames.count)
      self.comm.append(comm)
      weight.append(0)
    }
    weight[row].addClamped(more)
  }

  /// Adds what a worker found.
  mutating func merge(_ part: consuming FoldedPart) {
    let (functions, _) = table.merge(part.functions)
    guard count > 0 else { return takeOver(part.stacks) }
    let other = part.stacks
    var stack: [UInt32] = []
    for row in 0..<other.count {
      stack.removeAll(keepingCapacity: true)
      for frame in other.frames[other.ends[row]..<other.ends[row + 1]] {
        stack.append(functions[Int(frame)].rawValue)
      }
      add(stack.span.bytes, comm: other.comm[row], weight: other.weight[row])
    }
  }

  /// The first part's numbers are the whole's.
  private mutating func takeOver(_ first: consuming FoldedStacks) {
    (frames, ends, comm) = (first.frames, first.ends, first.comm)
    (weight, known) = (first.weight, first.known)
  }
}

/// Paths of labels, leaf first, each with a weight: folded stacks as something prints them.
public struct LabelledStacks: Sendable {
  /// Labels of all paths.
  public private(set) var frames: [UInt32] = []
  /// Where in ``frames`` each path ends; begins with 0.
  public private(set) var ends: [Int] = [0]
  /// Weight of each path.
  public private(set) var weight: [UInt64] = []

  /// Merges the stacks whose functions have the same labels; the last label of each path is its
  /// thread's.
  ///
  /// - Parameters:
  ///   - functions: the label of each of the stacks' functions.
  ///   - comms: the label of each of their threads' names.
  public init(_ stacks: FoldedStacks, functions: [UInt32], comms: [UInt32]) {
    var known = FingerprintTable()
    frames.reserveCapacity(stacks.frames.count + stacks.count)
    // The closure would take a copy of all that the stacks are.
    let unlabelled = stacks.frames
    for row in 0..<stacks.count where stacks.weight[row] > 0 {
      let start = frames.count
      let stack = stacks.ends[row]..<stacks.ends[row + 1]
      let comm = comms[Int(stacks.comm[row])]
      frames.append(addingCapacity: stack.count + 1) { path in
        for place in stack { path.append(functions[Int(unlabelled[place])]) }
        path.append(comm)
      }
      var fingerprint = Fingerprint(seed: 0)
      fingerprint.add(bytes: frames.span.extracting(start...).bytes)
      add(stacks.weight[row], to: known.row(of: fingerprint), from: start)
    }
  }

  /// - Parameter start: where the path just appended begins.
  private mutating func add(_ more: UInt64, to row: Int, from start: Int) {
    if row < weight.count {
      frames.removeSubrange(start...)
      weight[row].addClamped(more)
    } else {
      ends.append(frames.count)
      weight.append(more)
    }
  }

  /// Number of paths.
  public var count: Int { weight.count }
}

/// The stacks that one worker resolved, merged by functions.
struct FoldedPart: StackSink {
  static let keepsAddresses = false
  fileprivate var stacks = FoldedStacks(comms: [])
  fileprivate var functions = FunctionTable()
  private let weighting: Weighting

  init(_ weighting: Weighting) { self.weighting = weighting }

  mutating func add(
    _ frames: [LocationID], _ part: ApplicationPart, _ circumstance: WantedGroups.Known,
    _ group: SampleGroup, row: UInt32
  ) {
    // Without addresses a function is one location: their numbers are the same.
    stacks.add(
      frames.span.bytes, comm: UInt32(circumstance.comm),
      weight: weighting == .samples ? group.samples : group.period)
  }

  mutating func finish(_ locations: LocationResolver) { functions = locations.functions }
}

extension CallTree {
  /// The merged call paths below a row for each thread's name.
  public init(_ stacks: FoldedStacks) {
    let threads = stacks.comms.map { Function(symbol: $0, name: $0, origin: .thread) }
    self.init(functions: stacks.functions + threads)
    for row in 0..<stacks.count {
      var node = child(
        of: 0, calling: FunctionID(stacks.functions.count + Int(stacks.comm[row])))
      for frame in stacks.frames[stacks.ends[row]..<stacks.ends[row + 1]].reversed() {
        node = child(of: node, calling: FunctionID(Int(frame)))
      }
      add(stacks.weight[row], to: node)
    }
    seal()
  }
}
