/// A raw call chain cut at its context markers and, for UKL, put together again as it ran.
///
/// UKL's application runs in kernel text. What perf records as two parts is one stack:
///
///     CTX_KERNEL tcp_recvmsg … ukl_entry_SYSCALL_64 ukl_read │ CTX_USER ukl_read connSocketRead …
///                                                   └ the same address: one frame ┘
///
/// A frame-pointer kernel's part ends at `ukl_entry_SYSCALL_64` and the wrapper stands only in the
/// application's. What stands behind a frame that is no code is garbage.
struct ChainSplitter {
  private let kernel: KernelSymbols?
  /// What joining needs to know of a symbol, by its row; found once each.
  private var known: [Int: Kind] = [:]

  private struct Kind {
    let isApplication: Bool
    let isUKLEntry: Bool
    let joins: Bool
    /// The system call whose body it is.
    let implements: String?
    /// The system calls it makes as a wrapper.
    let makes: Set<String>
  }

  init(kernel: KernelSymbols?) {
    self.kernel = kernel.flatMap { $0.hasApplication ? $0 : nil }
  }

  /// One frame: where, and under which context marker it was recorded.
  struct Frame: Equatable {
    let address: UInt64
    let context: Context
  }

  enum Context {
    case kernel, user, other

    /// - Parameter marker: `PERF_CONTEXT_*`.
    init(marker: UInt64) {
      switch marker {
      case CallchainContext.kernel: self = .kernel
      case CallchainContext.user: self = .user
      default: self = .other
      }
    }
  }

  /// Whether all chains are as recorded: no application is linked into the kernel.
  var joinsNothing: Bool { kernel == nil }

  /// - Parameter chain: leaf first, markers included.
  /// - Returns: the frames, leaf first, and what became of the application part.
  mutating func split(_ chain: ArraySlice<UInt64>) -> (frames: [Frame], part: ApplicationPart) {
    var frames: [Frame] = []
    var context = Context.user  // perf's default before the first marker
    for word in chain {
      if word >= CallchainContext.smallest {
        context = Context(marker: word)
      } else {
        frames.append(Frame(address: word, context: context))
      }
    }
    guard let kernel, isUKL(frames, kernel) else { return (frames, .asRecorded) }
    return join(frames, kernel)
  }

  private mutating func kind(_ frame: Frame, _ kernel: KernelSymbols) -> Kind? {
    guard kernel.isText(frame.address), let row = kernel.row(covering: frame.address) else {
      return nil
    }
    if let kind = known[row] { return kind }
    let function = kernel.function(row)
    let isApplication = function.origin == .application
    let kind = Kind(
      isApplication: isApplication, isUKLEntry: function.symbol == "ukl_entry_SYSCALL_64",
      joins: isApplication || KernelEntry.joinsApplication(function.symbol),
      implements: isApplication ? nil : SystemCalls.implemented(by: function.symbol),
      makes: isApplication ? SystemCalls.made(by: function.name) : [])
    known[row] = kind
    return kind
  }

  /// Whether the chain is of a task that runs the linked application: it has user frames in kernel
  /// text, or its kernel part goes out to the application.
  private mutating func isUKL(_ frames: [Frame], _ kernel: KernelSymbols) -> Bool {
    if frames.contains(where: { $0.context == .user && kernel.isText($0.address) }) { return true }
    guard let outermost = frames.last(where: { $0.context == .kernel }),
      let kind = kind(outermost, kernel)
    else { return false }
    return kind.isApplication || kind.isUKLEntry
  }

  private mutating func join(
    _ frames: [Frame], _ kernel: KernelSymbols
  ) -> (frames: [Frame], part: ApplicationPart) {
    let kernelPart = frames.prefix { $0.context != .user }
    var application = frames[kernelPart.endIndex...]
    if let outermost = kernelPart.last, let called = application.first {
      if outermost.address == called.address {
        application = application.dropFirst()
      } else if !canCall(called, outermost, kernelPart, kernel) {
        return (Array(kernelPart), .stale)
      }
    }
    let code = application.prefix { kernel.isText($0.address) }
    return (Array(kernelPart + code), code.count == application.count ? .joined : .cut)
  }

  /// Whether the application frame can have entered the kernel at the outermost kernel frame, and
  /// by the system call whose body is running.
  private mutating func canCall(
    _ frame: Frame, _ outermost: Frame, _ kernelPart: ArraySlice<Frame>, _ kernel: KernelSymbols
  ) -> Bool {
    guard let entry = kind(outermost, kernel), entry.joins else { return false }
    guard let wrapper = kind(frame, kernel), !wrapper.makes.isEmpty else { return true }
    for inner in kernelPart.reversed() {
      if let running = kind(inner, kernel)?.implements { return wrapper.makes.contains(running) }
    }
    return true
  }
}
