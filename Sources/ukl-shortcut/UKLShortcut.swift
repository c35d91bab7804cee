import ArgumentParser
import Profiler
import ShortcutGen
import SystemPackage
import Foundation

@main
struct UKLShortcut: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ukl-shortcut", subcommands: [Fold.self, Ana.self])
}
struct Fold: ParsableCommand {
  @Argument var path: String
  @Option var kallsyms: String?
  @Flag var raw = false
  func run() throws {
    let file = try PerfDataFile.open(FilePath(path))
    let profile = Profile.read(file)
    let found = try KernelSymbols.find(for: profile, recording: FilePath(path), kallsyms: kallsyms.map { FilePath($0) }, vmlinux: nil)
    var s = Symbolizer(kernel: found?.symbols, search: SymbolSearch(), raw: raw)
    let ev = profile.samplesPerEvent.firstIndex { $0 > 0 } ?? 0
    let r = s.resolve(profile) { profile.samples.event[$0] == ev }
    var d: [String: UInt64] = [:]
    for row in r.rows {
      let names = [r.comms[row.comm].replacing(" ", with: "_").replacing(";", with: ":")] + r.stacks[row.stack].map { r.function($0).symbol }
      d[names.joined(separator: ";"), default: 0] += row.samples
    }
    for k in d.map({ "\($0.key) \($0.value)" }).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { print(k) }
    for w in r.warnings { print(w) }
  }
}
struct Ana: ParsableCommand {
  @Argument var path: String
  func run() throws {
    let file = try PerfDataFile.open(FilePath(path))
    let profile = Profile.read(file)
    let found = try KernelSymbols.find(for: profile, recording: FilePath(path), kallsyms: nil, vmlinux: nil)
    var s = Symbolizer(kernel: found?.symbols, search: SymbolSearch())
    let r = s.resolve(profile)
    let tp: (Int) -> String? = { let n = profile.eventName($0); return n.hasPrefix("syscalls:sys_enter_") ? String(n.dropFirst(19)) : nil }
    let counts = profile.samplesPerEvent
    let ev = counts.indices.first { counts[$0] > 0 && tp($0) == nil }
    let a = try Analyzer(r, catalog: OperationCatalog(), options: AnalysisOptions()).analyze(event: ev, tracepoint: tp)
    print(a.groups.all.prefix(4).map { "\($0.comm) \($0.weight) \($0.uklWeight)" }, a.groups.selected, a.total, a.framelessShare)
    for c in a.candidates.prefix(40) {
      print(c.verdict, c.id, c.wrapper ?? "-", c.samples, c.calls ?? 0, c.leaves, String(format: "%.4f h %.2f%% [%.2f %.2f] t %.2f%%", c.monomorphicLowerBound95, c.saves.hops.share*100, c.saves.hops.low95*100, c.saves.hops.high95*100, c.saves.transition.share*100), "|", c.why)
      if c.verdict == .shortcut { print("     ", c.trunk.map { "\($0.function) \($0.self)/\($0.inclusive)" }); print("     ", c.hops.map { "\($0.caller)→\($0.callee) \($0.slot) \($0.call)" }) }
    }
    for n in a.notes { print(n) }
  }
}
