/// What samples of one group share beside their call chain.
public struct Circumstance: Sendable {
  let task: TaskState
  /// Index of the event.
  public let event: Int

  /// Thread group id.
  public var pid: Int32 { task.pid }
  /// What the thread was called.
  public var name: ThreadName { task.name }
}

/// A thread between two changes of its name, its address space and the kernel's symbols; threads of a
/// process that are called the same are one.
struct TaskState: Sendable {
  let pid: Int32
  let name: ThreadName
  /// How many changes of its address space the process had seen.
  let epoch: Int
  /// See ``KernelSymbolHistory``.
  let kernelEpoch: Int
}

extension TaskState {
  /// The address space that it ran in.
  var space: Space { Space(pid: pid, epoch: epoch, kernelEpoch: kernelEpoch) }

  /// Stands for the state, and for what else is added to it.
  var fingerprint: Fingerprint {
    var fingerprint = space.fingerprint
    fingerprint.add(name.number, 0)
    return fingerprint
  }
}

/// What a thread was called when it was sampled.
public enum ThreadName: Hashable, Sendable {
  /// By a COMM record.
  case comm(CommID)
  /// By none: perf calls it `:tid`, and `swapper` if it is the idle task.
  case unnamed(tid: Int32)

  /// Stands for the name: no two have the same.
  fileprivate var number: UInt64 {
    switch self {
    case .comm(let id): UInt64(id.index) << 1
    case .unnamed(let tid): UInt64(UInt32(bitPattern: tid)) << 1 | 1
    }
  }
}

/// Samples that agree in everything but their time and thread.
struct SampleGroup: Sendable {
  let chain: CallchainReference
  /// Row of ``SampleGroups/circumstances``.
  let circumstance: UInt32
  var samples: UInt64 = 0
  var period: UInt64 = 0
}

/// The samples of a recording, equal ones together, in the order of first appearance.
struct SampleGroups: Sendable {
  private(set) var rows: [SampleGroup] = []
  private(set) var circumstances: [Circumstance] = []
  private(set) var chains: CallchainStore
  private var known = FingerprintTable()
  private var knownCircumstances = FingerprintTable()
  /// What the fingerprints of chains begin with, by circumstance: of those in the recording's order, and
  /// of all others.
  private var beginnings: [(recorded: Fingerprint, made: Fingerprint)] = []
  /// Samples not looked up yet. Each lookup waits for memory; one behind the other in a short loop,
  /// the processor waits for many at once.
  private var pending: [Pending] = []
  /// See ``FingerprintTable/fetch(_:)``.
  private var fetched: UInt64 = 0

  private struct Pending {
    let fingerprint: Fingerprint
    let chain: CallchainReference
    let circumstance: UInt32
    let period: UInt64
  }

  private static let mostPending = 64

  init(_ chains: CallchainStore) { self.chains = chains }

  /// The row of a circumstance.
  mutating func row(of circumstance: Circumstance) -> UInt32 {
    var fingerprint = circumstance.task.fingerprint
    fingerprint.add(UInt64(circumstance.event), 1)
    let row = knownCircumstances.row(of: fingerprint)
    if row == circumstances.count {
      circumstances.append(circumstance)
      let seed = fingerprint.high
      beginnings.append((Fingerprint(seed: seed), Fingerprint(seed: ~seed)))
    }
    return UInt32(row)
  }

  /// Adds a sample whose chain stands in a file, later: ``settle()``.
  ///
  /// - Parameters:
  ///   - chain: `u64[nr]`.
  ///   - place: of the `u64 nr` before it.
  @inline(__always)
  mutating func addLater(
    _ chain: RawSpan, at place: CallchainReference, in circumstance: UInt32, period: UInt64
  ) {
    var fingerprint = beginnings[Int(circumstance)].recorded
    fingerprint.add(chain)
    pending.append(
      Pending(
        fingerprint: fingerprint, chain: place, circumstance: circumstance, period: period))
    if pending.count == SampleGroups.mostPending { settle() }
  }

  /// Looks up what was added for later.
  mutating func settle() {
    for sample in pending { fetched ^= known.fetch(sample.fingerprint) }
    for sample in pending {
      let row = known.row(of: sample.fingerprint)
      if row == rows.count {
        rows.append(SampleGroup(chain: sample.chain, circumstance: sample.circumstance))
      }
      count(sample.period, in: row)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// To be called when all samples were added: gives back what only finding equal ones took.
  mutating func close() {
    settle()
    (known, knownCircumstances) = (FingerprintTable(), FingerprintTable())
    (beginnings, pending) = ([], [])
  }

  /// Adds a sample that is like no other: what it differs in stands behind its chain.
  ///
  /// - Parameter place: of the `u64 nr` before the chain, in a file that stays.
  /// - Returns: the group's row.
  mutating func add(
    alone place: CallchainReference, in circumstance: UInt32, period: UInt64
  ) -> Int {
    settle()
    var fingerprint = beginnings[Int(circumstance)].made
    fingerprint.add(place.number, .max)
    let row = known.row(of: fingerprint)
    if row == rows.count { rows.append(SampleGroup(chain: place, circumstance: circumstance)) }
    count(period, in: row)
    return row
  }

  /// The number that the next file gets which chains stand in.
  var nextFile: Int { chains.nextFile }

  /// Adds such a file.
  mutating func add(_ file: MappedFile) { chains.add(file) }

  /// Adds a sample at once.
  ///
  /// - Parameters:
  ///   - chain: `u64[nr]`.
  ///   - place: of the `u64 nr` before it; nil where the chain must be copied.
  /// - Returns: the group's row.
  mutating func add(
    _ chain: RawSpan, at place: CallchainReference? = nil, in circumstance: UInt32, period: UInt64
  ) -> Int {
    settle()
    var fingerprint = beginnings[Int(circumstance)].recorded
    fingerprint.add(chain)
    let row = known.row(of: fingerprint)
    if row == rows.count {
      rows.append(SampleGroup(chain: place ?? chains.append(chain), circumstance: circumstance))
    }
    count(period, in: row)
    return row
  }

  /// Adds a sample whose chain stands in no file.
  ///
  /// - Parameter chain: in host order.
  /// - Returns: the group's row.
  mutating func add(_ chain: [UInt64], in circumstance: UInt32, period: UInt64) -> Int {
    settle()
    var fingerprint = beginnings[Int(circumstance)].made
    fingerprint.add(chain.span.bytes)
    let row = known.row(of: fingerprint)
    if row == rows.count {
      rows.append(SampleGroup(chain: chains.append(chain), circumstance: circumstance))
    }
    count(period, in: row)
    return row
  }

  @inline(__always)
  private mutating func count(_ period: UInt64, in row: Int) {
    rows[row].samples &+= 1  // one for each record of a file; far below 2^64
    rows[row].period.addClamped(period)
  }

  /// What a group counts.
  struct Weight: Sendable {
    var samples: UInt64 = 0
    var period: UInt64 = 0
  }

  /// Gives the rows other weights; one without samples is in no result.
  mutating func weigh(_ weights: [Weight]) {
    for (row, weight) in weights.enumerated() {
      (rows[row].samples, rows[row].period) = (weight.samples, weight.period)
    }
  }

  /// Adds the groups of a later part of the recording; the rows are then what they would be had
  /// both parts been read by one.
  ///
  /// - Precondition: both are settled.
  mutating func merge(_ other: consuming SampleGroups) {
    let base = chains.merge(other.chains)
    let circumstances = other.circumstances.map { row(of: $0) }
    let rows = known.merge(other.known)
    for (row, group) in zip(rows, other.rows) {
      let row = Int(row)
      if row == self.rows.count {
        self.rows.append(
          SampleGroup(
            chain: group.chain.moved(by: base),
            circumstance: circumstances[Int(group.circumstance)]))
      }
      self.rows[row].samples &+= group.samples
      self.rows[row].period.addClamped(group.period)
    }
  }
}
