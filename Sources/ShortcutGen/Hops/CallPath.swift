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
    /// In a trunk function itself, or in a helper that a faithful stub has no need of.
    case skipped
    /// In something a trunk function calls and a faithful stub does too.
    case kept
    /// Below a function that nobody has listed, called by a trunk function.
    case unlisted
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
  /// A function in no list that a trunk function called.
  public var unlisted: FunctionID?
  /// The helper of a trunk function that the sample lies in or below, where a faithful stub calls it
  /// too.
  public var helper: FunctionID?
  /// Whether the sample lies in a trunk function itself, not in a helper it calls.
  public var isInTrunk = true
  /// Calls behind the leaf by functions that may call through a slot.
  var deep: [Edge] = []
  /// Where the sample lies.
  public var depth: Depth

  /// A function and one it called.
  struct Edge: Hashable, Sendable {
    let caller: FunctionID
    let callee: FunctionID
  }

  /// What does a call's work, by catalogue or by its name and place.
  public struct Leaf: Hashable, Sendable {
    /// The function.
    public let function: FunctionID
    /// Where the kernel's image has it; nil for what the catalogue lists, or only its name tells.
    public let place: SlotPlace?
    /// The trunk function that called it there.
    let caller: FunctionID?
  }
}

/// Takes stacks apart.
public struct CallPathFinder {
  private let profile: ResolvedProfile
  private let catalog: OperationCatalog
  private let implemented: [String?]
  /// Which functions may call through a slot behind a leaf.
  private var dispatches: [Bool] = []
  private let witness: (any HopWitness)?
  /// What each function is on the way of a system call that moves data one way; found once each.
  private var roles: [RoleKey: OperationCatalog.Role] = [:]
  /// Where functions in no list stand, by whom they were called; found once each.
  private var places: [PlaceKey: SlotPlace?] = [:]

  private struct RoleKey: Hashable {
    let function: FunctionID
    let moves: String
  }

  private struct PlaceKey: Hashable {
    let edge: CallPath.Edge
    let moves: String
  }

  /// Prepares for the stacks of one profile.
  ///
  /// - Parameter witness: says of functions that the catalogue doesn't list whether they are leaves.
  public init(
    _ profile: ResolvedProfile, catalog: OperationCatalog, witness: (any HopWitness)? = nil
  ) {
    self.profile = profile
    self.catalog = catalog
    self.witness = witness
    implemented = profile.functions.map {
      $0.origin == .kernel ? SystemCalls.implemented(by: $0.symbol) : nil
    }
  }

  /// Asks for the calls behind leaves.
  ///
  /// - Parameter isDispatcher: whether a kernel function of this name may call through a slot there.
  mutating func followLeaves(_ isDispatcher: (String) -> Bool) {
    dispatches = profile.functions.map { $0.origin == .kernel && isDispatcher($0.symbol) }
  }

  /// A function's symbol.
  func symbol(_ id: FunctionID) -> String { profile.functions[id.index].symbol }

  /// - Parameter tracepoint: the system call whose entry tracepoint took the sample, if one did.
  /// - Returns: nil for a stack that is in no system call of the application.
  public mutating func path(of stack: Int, tracepoint: String? = nil) -> CallPath? {
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

  /// Whether a stack is in a system call's entry or exit code and nothing shows whose call it was: the
  /// application part was left over from an earlier one, or there is none.
  func isEntryAlone(_ stack: Int) -> Bool {
    let functions = profile.stacks[stack].map { profile.function($0) }
    guard let first = functions.first, KernelEntry.isSystemCallEntry(first.symbol) else {
      return false
    }
    return functions.allSatisfy { $0.origin == .transition }
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

  /// How many frames a libc may stack up between its public function and the system call.
  private static let wrapperDepth = 6

  /// The wrapper is the innermost application frame, or one of the frames of which libc makes it up.
  private func applicationSide(_ frames: [LocationID], part: ApplicationPart) -> CallPath {
    var wrapper = frames.count - 1
    for index in frames.indices.suffix(CallPathFinder.wrapperDepth).reversed()
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

  private mutating func kernelSide(_ functions: ArraySlice<FunctionID>, _ path: inout CallPath) {
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

  /// Whether a frame is an interrupt's or the scheduler's: no shortcut saves what is below.
  private func isNeverSaved(_ id: FunctionID) -> Bool {
    profile.functions[id.index].origin != .kernel
      || catalog.isNeverSaved(profile.functions[id.index].symbol)
  }

  private func isInterrupt(_ id: FunctionID) -> Bool {
    KernelEntry.isInterruptEntry(profile.functions[id.index].symbol)
  }

  /// Follows the trunk from the system call's body inwards; the frame that ends it says what the
  /// sample counts for.
  private mutating func walk(
    _ functions: ArraySlice<FunctionID>, moves: String, _ path: inout CallPath
  ) {
    path.depth = .skipped
    for (place, id) in zip(functions.indices, functions) {
      guard profile.functions[id.index].origin == .kernel else {
        path.depth = .elsewhere
        return
      }
      let role = role(of: id, moves: moves)
      if let slot = slotPlace(of: id, as: role, moves: moves, path) {
        return end(functions[place...], at: slot, &path)
      }
      switch role {
      case .trunk: path.trunk.append(id)
      case .thunk: continue
      case .dropped: path.isInTrunk = false
      case .leaf:
        return end(functions[place...], &path)
      case .kept:
        let isInterrupted = functions[place...].contains(where: isNeverSaved)
        path.helper = isInterrupted ? nil : id
        path.depth = isInterrupted ? .elsewhere : .kept
        return
      case .unlisted where path.trunk.isEmpty: path.trunk = [id]  // a body in no list
      case .unlisted: return unlisted(functions[place...], &path)
      }
    }
  }

  /// Ends the trunk at a leaf.
  ///
  /// - Parameter functions: the leaf and what is below it.
  private func end(
    _ functions: ArraySlice<FunctionID>, at place: SlotPlace? = nil, _ path: inout CallPath
  ) {
    guard let leaf = functions.first else { return }
    path.leaf = CallPath.Leaf(
      function: leaf, place: place, caller: place == nil ? nil : path.trunk.last)
    path.depth = .leaf
    if !dispatches.isEmpty { path.deep = deepCalls(functions) }
  }

  /// Where the kernel's image has a function that a trunk function called, if data move through it.
  private mutating func slotPlace(
    of id: FunctionID, as role: OperationCatalog.Role, moves: String, _ path: CallPath
  ) -> SlotPlace? {
    guard let witness, let caller = path.trunk.last, path.isInTrunk, role.isNoStation else {
      return nil
    }
    let key = PlaceKey(edge: CallPath.Edge(caller: caller, callee: id), moves: moves)
    if let place = places[key] { return place }
    let place = witness.place(
      of: symbol(id), calledBy: symbol(caller), slots: catalog.dataSlots(moves: moves))
    places[key] = .some(place)
    return place
  }

  /// The calls among a leaf's frames that may have gone through a slot, each once.
  private func deepCalls(_ functions: ArraySlice<FunctionID>) -> [CallPath.Edge] {
    var edges: [CallPath.Edge] = []
    for place in functions.indices.dropLast() where dispatches[functions[place].index] {
      let edge = CallPath.Edge(caller: functions[place], callee: functions[place + 1])
      if !edges.contains(edge) { edges.append(edge) }
    }
    return edges
  }

  private mutating func role(of id: FunctionID, moves: String) -> OperationCatalog.Role {
    let key = RoleKey(function: id, moves: moves)
    if let role = roles[key] { return role }
    let role = catalog.role(of: profile.functions[id.index].symbol, moves: moves)
    roles[key] = role
    return role
  }

  /// A function in no list. Below one that calls through a slot and named like what stands in one,
  /// it does the call's work; else nobody knows what it does.
  private func unlisted(_ functions: ArraySlice<FunctionID>, _ path: inout CallPath) {
    guard let id = functions.first else { return }
    let name = KernelEntry.plain(profile.functions[id.index].symbol)
    let caller = path.trunk.last.map { profile.functions[$0.index].symbol } ?? ""
    if catalog.dispatches(caller), CallPathFinder.slotEndings.contains(where: name.hasSuffix) {
      end(functions, &path)
    } else {
      path.unlisted = id
      path.depth = .unlisted
    }
  }

  /// How functions are named that stand in slots of `file_operations`, `proto_ops` and `proto`.
  private static let slotEndings = [
    "_read", "_write", "_read_iter", "_write_iter", "_recvmsg", "_sendmsg",
  ]
}
