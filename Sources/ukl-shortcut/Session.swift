import Glibc
import Profiler
import SystemPackage

/// A recording as the flags ask for it: read, with the kernel's symbols found and the event chosen.
struct Session {
  let input: InputOptions
  let diagnostics: Diagnostics
  let profile: Profile
  let kernel: KernelSymbols.Found?
  /// The kernel's image, if the user names it.
  let witness: KernelWitness?
  /// The events whose samples count, where that is not the user's choice.
  private let fixedEvents: Set<Int>?
  private let symbolizer: Symbolizer

  /// Reads the recording and says what of it could not be used.
  ///
  /// - Parameter selection: the samples to read.
  init(
    _ input: InputOptions, _ selection: SampleSelection = SampleSelection(),
    needsSymbols: Bool = true
  ) throws {
    let (profile, kallsyms) = try Session.read(input, selection, needsSymbols)
    try self.init(
      input, profile, kallsyms, Session.symbolizer(input), needsSymbols: needsSymbols)
  }

  /// Reads the recording for a command that shows stacks.
  init(
    _ input: InputOptions, _ samples: SampleOptions, _ stacks: StackOptions,
    needsSymbols: Bool = true
  ) throws {
    let (profile, kallsyms) = try Session.read(input, stacks.selection(samples), needsSymbols)
    guard !stacks.branchStack || profile.hasBranchChains else {
      throw InputError(
        "\(input.recording): its samples carry no branch stacks: record with 'perf record -b'")
    }
    var symbolizer = Session.symbolizer(input)
    symbolizer.expandsInlines = !input.noInline
    if needsSymbols, samples.wantAll, profile.attributes.count == 1 { symbolizer.begin(profile) }
    let waits =
      stacks.offCPU
      ? try WaitingProfile(profile, samples, recording: input.recording) : nil
    try self.init(
      input, waits?.profile ?? profile, kallsyms, symbolizer, events: waits?.events,
      needsSymbols: needsSymbols)
    for note in waits?.notes ?? [] { diagnostics.note(note) }
  }

  /// Reads the recording, and the kernel's symbols beside it if there is a thread for that.
  private static func read(
    _ input: InputOptions, _ selection: SampleSelection, _ needsSymbols: Bool
  ) throws -> (Profile, KallsymsReading?) {
    let diagnostics = Diagnostics(isQuiet: input.quiet, isVerbose: input.verbose)
    diagnostics.progress("reading \(input.recording)")
    defer { diagnostics.progress(nil) }
    do throws(PerfDataError) {
      let path = FilePath(input.recording)
      let file = try PerfDataFile.open(path)
      let kallsyms =
        needsSymbols && input.workers > 1
        ? KernelSymbols.beginReading(
          for: file, recording: path, kallsyms: input.kallsyms.map { FilePath($0) },
          buildIDFolders: buildIDFolders(input)) : nil
      return (Profile.read(file, selection, workers: input.workers), kallsyms)
    } catch {
      throw InputError("\(input.recording): \(error)")
    }
  }

  private init(
    _ input: InputOptions, _ profile: Profile, _ kallsyms: KallsymsReading?,
    _ symbolizer: Symbolizer, events: Set<Int>? = nil, needsSymbols: Bool
  ) throws {
    self.input = input
    self.profile = profile
    self.symbolizer = symbolizer
    fixedEvents = events
    diagnostics = Diagnostics(isQuiet: input.quiet, isVerbose: input.verbose)
    let path = FilePath(input.recording)
    let choice = needsSymbols ? try KernelChoice(input, profile, diagnostics) : nil
    kernel = needsSymbols ? try Session.findKernel(input, profile, path, choice, kallsyms) : nil
    witness = try choice?.witness(kernel, profile, Session.search(input), diagnostics)
    diagnostics.detail(
      "read \(profile.sampleCount) samples, \(profile.groupCount) distinct in process and stack")
    sayHealth()
    if needsSymbols { sayKernel() }
  }

  private static func findKernel(
    _ input: InputOptions, _ profile: Profile, _ path: FilePath, _ choice: KernelChoice?,
    _ begun: KallsymsReading?
  ) throws -> KernelSymbols.Found? {
    try KernelSymbols.find(
      for: profile, recording: path, kallsyms: input.kallsyms.map { FilePath($0) },
      vmlinux: choice?.symbolSource, buildIDFolders: buildIDFolders(input), isForced: input.force,
      begun: begun)
  }

  /// `--debug-dir`, then perf's own cache.
  private static func buildIDFolders(_ input: InputOptions) -> [FilePath] {
    var folders = input.debugDir.map { FilePath($0).appending(".build-id") }
    if let home = getenv("HOME") {
      folders.append(FilePath(String(cString: home)).appending(".debug/.build-id"))
    }
    return folders
  }

  private func sayKernel() {
    guard let kernel else {
      return diagnostics.note(
        "no kernel symbols: give --kallsyms or --kernel, or put kallsyms beside the recording")
    }
    let outside = kernel.outsidePath.map { ", its modules' from \($0)" } ?? ""
    diagnostics.note("kernel symbols from \(kernel.path)\(outside)")
    for warning in kernel.warnings { diagnostics.warning(warning) }
  }

  private func sayHealth() {
    for line in profile.health.lines(samples: profile.sampleCount) {
      diagnostics.warning("\(input.recording): \(line)")
    }
  }

  /// Name of an event; a tracepoint's says which system call it counts.
  func syscallCounted(by event: Int) -> String? {
    let name = profile.eventName(event)
    for prefix in ["syscalls:sys_enter_", "syscalls_sys_enter_"] where name.hasPrefix(prefix) {
      let call = String(name.dropFirst(prefix.count).prefix { $0 != ":" })
      return SystemCalls.implemented(by: "__x64_sys_\(call)")
    }
    return nil
  }

  /// The events whose samples count.
  ///
  /// - Throws: ``InputError`` for a name that the recording doesn't have.
  func events(_ wanted: String?) throws -> Set<Int> {
    let all = profile.attributes.indices
    if wanted == "all" { return Set(all) }
    if let wanted {
      let matches = all.filter { Session.matches(profile.eventName($0), wanted) }
      guard !matches.isEmpty else {
        let names = all.map(profile.eventName).joined(separator: ", ")
        throw InputError("\(input.recording): no event '\(wanted)'; it has \(names)")
      }
      return Set(matches)
    }
    return earliest(of: sampledEvents)
  }

  /// The events that have samples.
  var sampledEvents: Set<Int> {
    Set(profile.totals.indices.filter { profile.totals[$0].samples > 0 })
  }

  /// The event of the earliest sample among some; the others are mentioned.
  func earliest(of events: Set<Int>) -> Set<Int> {
    func first(_ event: Int) -> UInt64 { profile.totals[event].earliest ?? .max }
    guard let event = events.min(by: { (first($0), $0) < (first($1), $1) }) else { return [] }
    let others = events.subtracting([event]).sorted().map(profile.eventName)
    if !others.isEmpty {
      diagnostics.note(
        "event \(profile.eventName(event)); also sampled: \(others.joined(separator: ", "))")
    }
    return [event]
  }

  /// perf prints `cycles:u` for what the user may call `cycles`.
  private static func matches(_ name: String, _ wanted: String) -> Bool {
    name == wanted || name.hasPrefix(wanted + ":") && !wanted.contains(":")
  }

  /// Turns the wanted samples' addresses into functions, with all that is known of their frames.
  func resolve(_ options: SampleOptions, events: Set<Int>) -> ResolvedProfile {
    resolving { symbolizer in
      let resolved = symbolizer.resolve(profile) { isWanted($0, options, events) }
      diagnostics.detail(
        "resolved \(resolved.stacks.count) stacks to \(resolved.functions.count) functions")
      return resolved
    }
  }

  /// The wanted samples, merged by their functions.
  func fold(_ options: SampleOptions, raw: Bool = false) throws -> FoldedStacks {
    let events = try fixedEvents ?? events(options.event)
    let folded = resolving(raw: raw, expandsInlines: !input.noInline) { symbolizer in
      symbolizer.fold(profile, weighting: options.weight) { isWanted($0, options, events) }
    }
    if folded.count == 0 {
      let why = profile.sampleCount == 0 ? "no samples in it" : "no samples fit the options"
      diagnostics.warning("\(input.recording): \(why)")
    }
    diagnostics.detail(
      "resolved \(folded.count) stacks of \(folded.functions.count) functions")
    return folded
  }

  private func resolving<Result>(
    raw: Bool = false, expandsInlines: Bool = false, _ body: (Symbolizer) -> Result
  ) -> Result {
    diagnostics.progress("finding symbols")
    var symbolizer = symbolizer
    (symbolizer.kernel, symbolizer.isRaw) = (kernel?.symbols, raw)
    symbolizer.recovered = witness?.recovered
    symbolizer.expandsInlines = expandsInlines
    let result = body(symbolizer)
    diagnostics.progress(nil)
    for warning in symbolizer.warnings { diagnostics.warning(warning) }
    return result
  }

  private static func symbolizer(_ input: InputOptions) -> Symbolizer {
    Symbolizer(search: search(input), workers: input.workers)
  }

  private func isWanted(
    _ circumstance: Circumstance, _ options: SampleOptions, _ events: Set<Int>
  ) -> Bool {
    events.contains(circumstance.event)
      && options.pid.map { $0 == circumstance.pid } ?? true
      && options.comm.map { $0 == profile.name(circumstance.name) } ?? true
  }

  /// Where files of the recorded machine may be.
  var search: SymbolSearch { Session.search(input) }

  private static func search(_ input: InputOptions) -> SymbolSearch {
    SymbolSearch(
      sysroot: FilePath(input.sysroot), buildIDFolders: Session.buildIDFolders(input))
  }
}

extension ReadHealth {
  /// One line for each kind of loss, none for a clean recording.
  func lines(samples: Int) -> [String] {
    var lines: [String] = []
    func say(_ count: UInt64, _ what: String) {
      if count > 0 { lines.append("\(count) \(what)") }
    }
    say(lost, "events lost while recording (a larger buffer helps: perf record -m)")
    say(lostSamples, "samples lost while recording")
    say(throttled, "times throttled by the kernel (a lower frequency helps: perf record -F)")
    say(unknownRecords, "records of unknown types skipped")
    if let first = skipped.first {
      lines.append("\(skippedCount) records skipped, the first: \(first)")
    }
    if let truncatedAt {
      lines.append(
        "ends inside a record at 0x\(String(truncatedAt, radix: 16)); all before is used")
    }
    say(
      auxtraceBytes, "bytes of hardware traces (Intel PT, CoreSight and the like) are not decoded")
    say(auxSamples, "samples carry pieces of a hardware trace, which are not decoded")
    say(unfinishedChains, "call chains end where the kernel recorded no user part later")
    say(foreignStacks, "user stacks of a machine or byte order that can't be followed here")
    if unreadableFeatures.count == 1 { lines.append("\(unreadableFeatures[0])") }
    if unreadableFeatures.count > 1 {
      lines.append(
        "\(unreadableFeatures.count) parts of the header can't be read, the first: "
          + "\(unreadableFeatures[0])")
    }
    return lines
  }
}
