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
  /// What is known of an address without its process.
  let kernel: KernelSymbols?

  /// One frame: where, and under which context marker it was recorded.
  struct Frame: Equatable {
    let address: UInt64
    let context: Context
  }

  enum Context { case kernel, user, other }

  /// - Parameter chain: leaf first, markers included.
  /// - Returns: the frames, leaf first, and what became of the application part.
  func split(_ chain: ArraySlice<UInt64>) -> (frames: [Frame], part: ApplicationPart) {
    var frames: [Frame] = []
    var context = Context.user  // perf's default before the first marker
    for word in chain {
      if word >= CallchainContext.smallest {
        context = ChainSplitter.context(word)
      } else {
        frames.append(Frame(address: word, context: context))
      }
    }
    guard let kernel, isUKL(frames, kernel) else { return (frames, .asRecorded) }
    return join(frames, kernel)
  }

  private static func context(_ marker: UInt64) -> Context {
    switch marker {
    case CallchainContext.kernel: .kernel
    case CallchainContext.user: .user
    default: .other
    }
  }

  private func symbol(_ frame: Frame, _ kernel: KernelSymbols) -> Function? {
    kernel.isText(frame.address)
      ? kernel.row(covering: frame.address).map(kernel.function) : nil
  }

  /// Whether the chain is of a task that runs the linked application.
  private func isUKL(_ frames: [Frame], _ kernel: KernelSymbols) -> Bool {
    frames.contains { frame in
      switch frame.context {
      case .user: kernel.isText(frame.address)
      case .kernel:
        symbol(frame, kernel).map {
          $0.origin == .application || $0.symbol == "ukl_entry_SYSCALL_64"
        } ?? false
      case .other: false
      }
    }
  }

  private func join(
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
  private func canCall(
    _ frame: Frame, _ outermost: Frame, _ kernelPart: ArraySlice<Frame>, _ kernel: KernelSymbols
  ) -> Bool {
    guard let entry = symbol(outermost, kernel) else { return false }
    guard entry.origin == .application || KernelEntry.joinsApplication(entry.symbol) else {
      return false
    }
    guard let wrapper = symbol(frame, kernel) else { return true }  // garbage; cut later
    let made = SystemCalls.made(by: wrapper.name)
    let running = kernelPart.reversed().lazy.compactMap { self.symbol($0, kernel) }
      .compactMap { SystemCalls.implemented(by: $0.symbol) }.first
    guard let running, !made.isEmpty else { return true }
    return made.contains(running)
  }
}
