/// A row of ``LocationTable``.
public struct LocationID: Hashable, Sendable, BitwiseCopyable {
  /// Index of the row.
  public let rawValue: UInt32
  /// The row index.
  public var index: Int { Int(rawValue) }
}

/// The distinct code addresses of a recording: columns of equal length.
public struct LocationTable: Sendable {
  /// The function that covers the address.
  public internal(set) var function: [FunctionID] = []
  /// Which image the address lies in, index of ``ResolvedProfile/images``.
  public internal(set) var image: [UInt32] = []
  /// The address in the image: as linked, where the image could be read; a kernel's as recorded.
  public internal(set) var address: [UInt64] = []
}

/// The distinct call stacks, outermost frame first.
public struct ResolvedStackTable: Sendable {
  var frames: [LocationID] = []
  var ends: [Int] = [0]
  /// What became of each stack's application part.
  public internal(set) var part: [ApplicationPart] = []

  /// Number of stacks.
  public var count: Int { ends.count - 1 }

  /// The frames of a stack, outermost first.
  public subscript(_ row: Int) -> ArraySlice<LocationID> { frames[ends[row]..<ends[row + 1]] }
}

/// How the application's part of a call chain was joined to the kernel's.
public enum ApplicationPart: UInt8, Sendable, CaseIterable {
  /// As recorded, or there was none.
  case asRecorded
  /// UKL: joined below the kernel part, whole.
  case joined
  /// UKL: joined up to the first frame that is no code; what came after is cut (an application
  /// without frame pointers, or half-written registers).
  case cut
  /// UKL: dropped, because it can't have called the kernel part: left over from an earlier call.
  case stale
}

/// Samples that agree in everything but their time and thread.
public struct WeightedStack: Sendable {
  /// Thread group id.
  public let pid: Int32
  /// The thread's name at the samples' time, index of ``ResolvedProfile/comms``.
  public let comm: Int
  /// Index of the event.
  public let event: Int
  /// Row of ``ResolvedProfile/stacks``.
  public let stack: Int
  /// Number of samples.
  public let samples: UInt64
  /// Sum of their periods.
  public let period: UInt64
  /// Which group of the recording's samples it is: a key of ``ResolvedProfile/calls``.
  public let group: Int

  /// The same of a table before which so many stacks were put.
  func moved(by stacks: Int) -> WeightedStack {
    WeightedStack(
      pid: pid, comm: comm, event: event, stack: stack + stacks, samples: samples, period: period,
      group: group)
  }
}

/// A recording with every address turned into a function.
public struct ResolvedProfile: Sendable {
  /// What ``FunctionID`` means.
  public internal(set) var functions: [Function] = []
  /// What ``LocationID`` means.
  public internal(set) var locations = LocationTable()
  /// Names of the images, as perf prints them.
  public internal(set) var images: [String] = []
  /// The distinct stacks.
  public internal(set) var stacks = ResolvedStackTable()
  /// Distinct thread names.
  public internal(set) var comms: [String] = []
  /// The samples, equal ones together.
  public internal(set) var rows: [WeightedStack] = []
  /// What system calls were asked for, by ``WeightedStack/group``: of samples of
  /// `syscalls:sys_enter_*` these calls themselves, of other samples the call that their thread was
  /// in. Empty unless ``SampleSelection/wantsCallArguments`` asked for it and the recording has it.
  public internal(set) var calls: [Int: CallArguments] = [:]
  /// One line each: what the user should know about symbols.
  public internal(set) var warnings: [String] = []
  /// Whether frames stand for functions; if not, for raw addresses.
  public internal(set) var isRaw = false

  /// Drops all samples but these.
  public mutating func keepRows(_ kept: [WeightedStack]) { rows = kept }

  /// The function of a frame.
  public func function(_ location: LocationID) -> Function {
    functions[locations.function[location.index].index]
  }
}
