import Profiler

/// What the recording says of each of UKL's other options.
///
/// Sources: Raza et al., "Unikernel Linux (UKL)", EuroSys 2023, section 4; the RFC patches of October
/// 2022. See docs/ADVICE.md.
struct AdviceMaker {
  private let total: Tally
  private let transition: Tally
  private let tasks: TaskFacts
  private let others: [(comm: String, share: Double)]
  private let byTraits: [StackTraits: Tally]

  /// - Parameters:
  ///   - own: the analysed samples.
  ///   - sites: their sums.
  init(
    _ profile: ResolvedProfile, own: [WeightedStack], _ sites: CallSiteProfiles,
    _ groups: ThreadGroups, _ options: AnalysisOptions
  ) {
    (total, transition) = (sites.total, sites.transition)
    tasks = options.tasks(groups.selected)
    let all = Double(max(groups.total, 1))
    // Neither the idle task nor what recorded belongs to the load.
    others = groups.all
      .filter { !groups.selected.contains($0.pid) && $0.pid != 0 && $0.comm != "perf" }
      .map { ($0.comm, Double($0.weight) / all) }.filter { $0.1 >= 0.01 }
    let finder = StackTraitFinder(profile)
    var known: [Int: StackTraits] = [:]
    var sums: [StackTraits: Tally] = [:]
    for row in own {
      let traits = known[row.stack] ?? finder.traits(of: row.stack)
      known[row.stack] = traits
      sums[traits, default: Tally()].add(row.samples, row.weight(options.weighting))
    }
    byTraits = sums
  }

  private func with(_ traits: StackTraits...) -> Tally {
    var sum = Tally()
    for (found, tally) in byTraits where traits.contains(where: found.isSuperset) { sum.add(tally) }
    return sum
  }

  /// In the order in which the patch set's options build on each other.
  var advice: [Advice] {
    guard total.samples > 0 else { return [] }
    return [
      bypass, interruptReturn, doubleFaults, faultStack, sharedStack, sharedStackPinned,
      pinnedMemory, runToCompletion, singleThread, forking,
    ]
  }

  private var beside: String? {
    guard !others.isEmpty else { return nil }
    let names = others.prefix(3).map { "\($0.comm) \(percent($0.share))" }
    return "other processes ran beside it: \(names.joined(separator: ", "))"
  }

  private var threads: String? {
    tasks.threads > 1 ? "it has \(tasks.threads) threads" : nil
  }

  private var forked: String? {
    let running = with(.forkOrExec)
    guard tasks.forks > 0 || running.samples > 0 else { return nil }
    return "it forks or executes programs: \(counted(UInt64(tasks.forks), "fork")), "
      + "\(counted(running.samples, "sample")) in fork, clone or execve"
  }

  private var bypass: Advice {
    Advice(
      "UKL_BYP", transition, of: total,
      why: "entry and exit code of all system calls; shortcuts skip their call sites' part of it "
        + "already, and what the scheduler does at the exit stays",
      against: [
        with(.exitPreemption).samples == 0
          ? nil
          : "the bypassed exit is where signals are delivered and the scheduler gets its turn; the "
            + "patch set bounds how many calls in a row go without (set_bypass_limit)"
      ])
  }

  private var interruptReturn: Advice {
    Advice(
      "UKL_RET", with(.interruptReturn), of: total,
      why:
        "the way back to the application from interrupts and page faults, where ret takes iret's "
        + "place; an upper bound: only the last instruction is another one",
      against: [
        unseen(with(.interruptReturn))
      ])
  }

  private var doubleFaults: Advice {
    Advice(
      "UKL_PF_DF", with(.doubleFault), of: total,
      why: "faults on the application's own stack, which go through the double fault handler; all "
        + "other page faults stay as they are",
      against: [
        with(.doubleFault).samples == 0
          ? nil : "each such fault costs a double fault: where they are many, UKL_PF_SS is cheaper"
      ])
  }

  private var faultStack: Advice {
    let faults = with(.pageFault)
    return Advice(
      "UKL_PF_SS", with(.pageFaultEntry), of: total,
      why:
        "entry and exit code of the application's page faults, each of which switches to a stack "
        + "of its own; page faults with all they do are \(share(faults))",
      against: [
        with(.doubleFault).samples == 0 && faults.samples > 0
          ? "no fault came by way of the double fault handler: every ordinary fault would pay for the "
            + "switch and none would gain" : nil,
        faults.samples == 0 ? "the application had no page fault in a sample" : nil,
      ])
  }

  private var sharedStack: Advice {
    Advice(
      "UKL_NSS", with(.entryAssembly), of: total,
      why:
        "the assembly at which system calls enter, of which the stack switch is a part: an upper "
        + "bound; the option's worth is that compiler and linker can optimise across the call",
      against: [
        unseen(with(.entryAssembly)),
        beside.map { "\($0); with UKL_NSS no other process may run" }, stackOfEach, forked,
      ])
  }

  private var sharedStackPinned: Advice {
    Advice(
      "UKL_NSS_PS", with(.entryAssembly), of: total,
      why:
        "the same, with large stacks of fixed size in the kernel's part of the address space, so "
        + "that other processes can run beside",
      against: [unseen(with(.entryAssembly)), stackOfEach, forked])
  }

  /// The application's stacks serve the kernel too, so each must be as large as both need.
  private var stackOfEach: String? {
    threads.map { "\($0), each of which takes a large stack" }
  }

  private func unseen(_ tally: Tally) -> String? {
    tally.samples == 0
      ? "no sample was taken there; a clock takes none where interrupts are off" : nil
  }

  private var pinnedMemory: Advice {
    let faults = with(.copyFault)
    return Advice(
      "memory from vmalloc", faults, of: total,
      why: "page faults that the kernel took while it copied to or from the application's buffers: "
        + "buffers in pinned kernel memory have none",
      against: [faults.samples == 0 ? "no such fault is in a sample" : nil])
  }

  private var runToCompletion: Advice {
    Advice(
      "run to completion", with(.exitPreemption, .interruptPreemption), of: total,
      why:
        "the scheduler where a system call or an interrupt returns to the application; what runs "
        + "instead is not in it",
      against: [beside.map { "\($0): it would wait for as long as the application runs" }, threads])
  }

  private var singleThread: Advice {
    Advice(
      "descriptors of a single thread", with(.descriptor), of: total,
      why: "finding a descriptor's file, its reference and its position's lock, which nobody else "
        + "can change in a process of one thread",
      against: [threads.map { "\($0), which share the descriptors" }, forked])
  }

  private var forking: Advice {
    Advice(
      "fork and exec", with(.forkOrExec), of: total,
      why:
        "in the base model the application's text and data are the kernel's and loaded at boot: a "
        + "forked child shares the data section with its parent, without copy on write, and a second "
        + "start finds it as the first left it",
      against: [forked])
  }

  private func share(_ tally: Tally) -> String {
    percent(Double(tally.weight) / Double(max(total.weight, 1)))
  }
}
