public import Profiler

/// One stack of an application that is inside a system call, taken apart:
///
///     main … connSocketRead │ read │ ukl_entry… do_syscall_64 │ ksys_read … inet_recvmsg │ tcp_recvmsg …
///            site            wrapper  transition                trunk                      leaf
public struct CallPath: Sendable {
  /// Where the call stands in the application.
  public enum Site: Hashable, Sendable {
    /// In a function with a name.
    case function(FunctionID)
    /// At an address of an image without symbols.
    case address(LocationID)
    /// Not to be told from the recording.
    case unknown
  }

  /// How far into the kernel the sample lies.
  public enum Depth: Sendable, Equatable {
    /// In the wrapper itself.
    case wrapper
    /// In entry or exit code.
    case transition
    /// In a trunk function itself.
    case trunk
    /// In something a trunk function calls; `dropped` where a faithful stub has no need of it.
    case helper(dropped: Bool)
    /// In the leaf or below.
    case leaf
    /// In an interrupt, or in the scheduler at the call's exit: no part of the call's cost.
    case elsewhere
  }

  /// The call site.
  public var site: Site
  /// The libc function, where it is on the stack.
  public var wrapper: FunctionID?
  /// Where in it the call stands.
  public var wrapperLocation: LocationID?
  /// The system call, where a function of the kernel or the wrapper names it.
  public var syscall: String?
  /// The frames between system call body and leaf, outermost first.
  public var trunk: [FunctionID] = []
  /// What does the work.
  public var leaf: Leaf?
  /// Where the sample lies.
  public var depth: Depth

  /// A leaf, by catalogue or by its place.
  public struct Leaf: Hashable, Sendable {
    /// The function.
    public let function: FunctionID
    /// Whether the catalogue lists it.
    public let isListed: Bool
  }
}

/// Takes stacks apart.
public struct CallPathFinder: Sendable {
  private let profile: ResolvedProfile
  private let catalog: OperationCatalog
  private let implemented: [String?]

  /// Prepares for the stacks of one profile.
  public init(_ profile: ResolvedProfile, catalog: OperationCatalog) {
    self.profile = profile
    self.catalog = catalog
    implemented = profile.functions.map {
      $0.origin == .kernel ? SystemCalls.implemented(by: $0.symbol) : nil
    }
  }

  /// - Parameter tracepoint: the system call whose entry tracepoint took the sample, if one did.
  /// - Returns: nil for a stack that is in no system call of the application.
  public func path(of stack: Int, tracepoint: String? = nil) -> CallPath? {
    let frames = profile.stacks[stack]
    let functions = frames.map { profile.locations.function[$0.index] }
    let firstKernel = functions.firstIndex { isKernel($0) } ?? functions.count
    guard firstKernel > 0 else { return nil }
    if firstKernel < functions.count {
      let entry = profile.functions[functions[firstKernel].index]
      if KernelEntry.losesCaller(entry.symbol) {
        return cutOff(Array(frames.prefix(firstKernel)), part: profile.stacks.part[stack])
      }
      guard KernelEntry.isSystemCallEntry(entry.symbol) else { return nil }
    }
    var path = applicationSide(Array(frames.prefix(firstKernel)), part: profile.stacks.part[stack])
    kernelSide(functions[firstKernel...], &path)
    if path.syscall == nil { path.syscall = tracepoint ?? madeOnly(by: path.wrapper) }
    let isInCall = firstKernel < functions.count || path.syscall != nil
    return isInCall ? path : nil
  }

  /// A stack whose frames between wrapper and an indirect call's jump are lost. It is in the call if
  /// the innermost application frame makes only that one; where in it can't be told.
  private func cutOff(_ frames: [LocationID], part: ApplicationPart) -> CallPath? {
    var path = applicationSide(frames, part: part)
    guard let syscall = madeOnly(by: path.wrapper) else { return nil }
    path.syscall = syscall
    path.depth = .elsewhere
    return path
  }

  /// The system call of a wrapper that makes only one.
  private func madeOnly(by wrapper: FunctionID?) -> String? {
    guard let wrapper else { return nil }
    let made = SystemCalls.made(by: profile.functions[wrapper.index].name)
    return made.count == 1 ? made.first : nil
  }

  private func isKernel(_ id: FunctionID) -> Bool {
    switch profile.functions[id.index].origin {
    case .kernel, .transition: true
    case .unresolved: profile.functions[id.index].symbol == "[kernel.kallsyms]"
    case .application, .thread: false
    }
  }

  /// The wrapper is the innermost application frame, or one of the frames of which libc makes it up.
  private func applicationSide(_ frames: [LocationID], part: ApplicationPart) -> CallPath {
    var wrapper = frames.count - 1
    for index in frames.indices.suffix(3).reversed()
    where !SystemCalls.made(by: profile.function(frames[index]).name).isEmpty {
      wrapper = index
      break
    }
    var path = CallPath(
      site: .unknown, wrapper: profile.locations.function[frames[wrapper].index],
      wrapperLocation: frames[wrapper], depth: .wrapper)
    if wrapper > 0 { path.site = site(frames[wrapper - 1]) }
    return path
  }

  private func site(_ location: LocationID) -> CallPath.Site {
    let function = profile.function(location)
    if function.origin == .application {
      return .function(profile.locations.function[location.index])
    }
    return function.symbol == "[unknown]" ? .unknown : .address(location)
  }

  private func kernelSide(_ functions: ArraySlice<FunctionID>, _ path: inout CallPath) {
    let body = functions.firstIndex { profile.functions[$0.index].origin != .transition }
    guard let body else {
      path.depth = functions.isEmpty ? .wrapper : .transition
      if functions.contains(where: isInterrupt) { path.depth = .elsewhere }
      return
    }
    guard !functions[..<body].contains(where: isInterrupt),
      let call = implemented[functions[body].index]
    else {
      path.depth = .elsewhere
      return
    }
    path.syscall = call
    walk(functions[body...], moves: catalog.systemCalls[call]?.moves ?? "", &path)
  }

  private func isInterrupt(_ id: FunctionID) -> Bool {
    profile.functions[id.index].symbol.hasPrefix("asm_")
  }

  /// Follows the trunk from the system call's body inwards.
  private func walk(_ functions: ArraySlice<FunctionID>, moves: String, _ path: inout CallPath) {
    path.depth = .trunk
    for id in functions {
      let function = profile.functions[id.index]
      guard function.origin == .kernel else {
        path.depth = .elsewhere
        return
      }
      switch catalog.role(of: function.symbol, moves: moves) {
      case .trunk: path.trunk.append(id)
      case .leaf:
        path.leaf = CallPath.Leaf(function: id, isListed: true)
        path.depth = .leaf
        return
      case .helper(let dropped):
        path.depth = .helper(dropped: dropped)
        return
      case .unlisted:
        unlisted(id, &path)
        return
      }
    }
  }

  /// A function in no list: below one that calls through a slot it may be what stands in the slot.
  private func unlisted(_ id: FunctionID, _ path: inout CallPath) {
    path.depth = .helper(dropped: false)
    if path.trunk.isEmpty { path.trunk = [id] }  // a system call's body, itself in no list
    guard let caller = path.trunk.last, caller != id else { return }
    if catalog.dispatches(profile.functions[caller.index].symbol) {
      path.leaf = CallPath.Leaf(function: id, isListed: false)
    }
  }
}
