import ArgumentParser
import Profiler
import SystemPackage

@main
struct UKLShortcut: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ukl-shortcut", subcommands: [Fold.self])
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
