import KernelImage
import Profiler
import ShortcutGen
import SystemPackage

/// Where in code and source the call sites of an analysis stand.
///
/// The return address in the calling function says it: the code there shows whether it can have made
/// the call, and debug information which line it is, in which function's source.
struct CallSitePlaces {
  private let session: Session
  private let profile: ResolvedProfile
  /// The return addresses of each site, the most frequent first.
  private var places: [Key: [LocationID]] = [:]
  private var programs: [String: Program] = [:]

  private struct Key: Hashable {
    let symbol: String
    let syscall: String
  }

  /// A file with code.
  private struct Program {
    let code: KernelCode?
    let lines: DebugInfo?
    let isKernel: Bool
  }

  init(
    _ session: Session, _ profile: ResolvedProfile, _ catalog: OperationCatalog, events: Set<Int>
  ) {
    (self.session, self.profile) = (session, profile)
    var finder = CallPathFinder(profile, catalog: catalog)
    var counts: [Key: [LocationID: UInt64]] = [:]
    for row in profile.rows where events.contains(row.event) {
      guard let path = finder.path(of: row.stack), case .function(let function) = path.site,
        let syscall = path.syscall, let wrapper = path.wrapperLocation,
        let place = place(before: wrapper, in: row.stack)
      else { continue }
      let key = Key(symbol: profile.functions[function.index].symbol, syscall: syscall)
      counts[key, default: [:]][place, default: 0] += row.samples
    }
    places = counts.mapValues { counted in
      counted.sorted { ($1.value, $0.key.index) < ($0.value, $1.key.index) }.map(\.key)
    }
  }

  private func place(before wrapper: LocationID, in stack: Int) -> LocationID? {
    let frames = profile.stacks[stack]
    guard let index = frames.lastIndex(of: wrapper), index > frames.startIndex else { return nil }
    return frames[index - 1]
  }

  /// The document with what code and debug information say of its sites.
  mutating func placed(_ document: ShortcutDocument) -> ShortcutDocument {
    var found: [String: Candidate.Place] = [:]
    for candidate in document.candidates {
      found[candidate.id] = place(of: candidate)
    }
    return document.placing(found)
  }

  private mutating func place(of candidate: Candidate) -> Candidate.Place? {
    guard let symbol = candidate.site.symbol,
      let locations = places[Key(symbol: symbol, syscall: candidate.syscall)],
      let location = locations.first,
      let program = program(profile.images[Int(profile.locations.image[location.index])])
    else { return nil }
    let address = profile.locations.address[location.index]
    let prefix = symbol.hasPrefix("ukl_") ? "ukl_" : ""
    func isCalled(_ name: String) -> Bool {
      let plain = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
      return SystemCalls.made(by: plain).contains(candidate.syscall)
    }
    var place = Candidate.Place()
    if program.isKernel, session.witness?.recovered.isRecovered(address) ?? false {
      let call = program.code?.onlyCall(fromFunctionAt: address &- 1, isCalled)
      if let call { place.take(program.lines?.frames(at: call) ?? []) }
      return place
    }
    let call = program.code?.evidence(returningTo: address, isCalled)
    if case .hidden(let name) = call?.evidence {
      place.heldBy = name
      place.holders = holders(locations, program, isCalled)
    }
    place.doubt = call.flatMap { doubt($0.evidence, symbol, candidate.syscall) }
    if place.doubt == nil { place.take(frames(program, call, returningTo: address)) }
    return place
  }

  /// The functions without a frame that make the call from one of these places, each once.
  private func holders(
    _ locations: [LocationID], _ program: Program, _ isCalled: (String) -> Bool
  ) -> [String] {
    var names: [String] = []
    for location in locations {
      let address = profile.locations.address[location.index]
      guard
        case .hidden(let name) = program.code?.evidence(returningTo: address, isCalled)?.evidence,
        !names.contains(name)
      else { continue }
      names.append(name)
    }
    return names
  }

  private func doubt(_ evidence: CallEvidence, _ symbol: String, _ syscall: String) -> String? {
    switch evidence {
    case .elsewhere(let name):
      "\(symbol) calls \(name) there, not \(syscall): a frame between is missing, or the stack is "
        + "an earlier call's"
    case .noCall: "no call in \(symbol) ends there: the stack is not right"
    case .calls, .hidden, .pointer: nil
    }
  }

  private func frames(
    _ program: Program, _ call: FoundCall?, returningTo address: UInt64
  ) -> [SourceFrame] {
    if let call { return program.lines?.frames(at: call.address) ?? [] }
    // Of a kernel whose code isn't known, only its symbols tell how far it was moved.
    if program.isKernel { return session.kernel?.symbols.frames(at: address &- 1) ?? [] }
    return program.lines?.frames(at: address &- 1) ?? []
  }

  /// The program behind an image's name; nil where its file can't be had.
  private mutating func program(_ image: String) -> Program? {
    if let known = programs[image] { return known }
    let program = open(image)
    programs[image] = program
    return program
  }

  private func open(_ image: String) -> Program? {
    if image == "[kernel.kallsyms]" {
      return Program(
        code: session.witness?.code,
        lines: session.input.kernel.map { DebugInfo(path: FilePath($0)) }, isKernel: true)
    }
    let recorded = session.profile.features.buildIDs.first { $0.path == image }?.buildID
    for path in session.search.codeFiles(path: image, buildID: recorded) {
      let file = try? KernelImage(path: path)
      if let recorded, let found = file?.buildID, found != recorded { continue }
      return Program(
        code: file.flatMap { try? KernelCode(program: $0) },
        lines: DebugInfo(path: path, debugFolders: session.search.debugFolders), isKernel: false)
    }
    return nil
  }
}

extension Candidate.Place {
  /// The innermost frame holds the call in the source; those around it were inlined into the last.
  fileprivate mutating func take(_ frames: [SourceFrame]) {
    guard let position = frames.first?.position, position.line != nil else { return }
    (file, line, column) = (position.file, position.line, position.column)
    let names = frames.dropLast().compactMap(\.function)
    inlined = names.isEmpty ? nil : names
  }
}
