import FlameGraph
import Foundation
import Profiler
import SystemPackage

/// Opens the bytes as a file and, if they are what perf writes to a pipe, as standard input; reads
/// them from the front alone and behind scans of later parts, folds them by names and by addresses, and draws the tree.
func readRecording(_ bytes: [UInt8]) {
  fold(ScratchFile.shared.holding(bytes), raw: false)
  fold(ScratchFile.shared.path, raw: true)
  if bytes.count > 16, bytes[8] == 16 {
    withStandardInput(bytes) { fold("-", raw: false) }
  }
}

private func fold(_ path: FilePath, raw: Bool) {
  let profile: Profile
  do throws(PerfDataError) {
    let file = try PerfDataFile.open(path)
    profile = Profile.read(file)
    if !raw { compare(profile, Profile.read(file, workers: 2, .behindScans(size: 256))) }
  } catch {
    precondition(!error.description.contains("\n"), "an error is one line")
    return
  }
  _ = profile.attributes.indices.map(profile.eventName)
  _ = profile.health.skipped.map(\.description)
  let symbolizer = raw ? Symbolizer.byAddress : Symbolizer.byName
  let folded = symbolizer.fold(profile, weighting: .period)
  _ = FoldedText(folded).bytes
  guard !raw else { return }
  let resolved = symbolizer.resolve(profile)
  let used = resolved.rows.reduce(0) { $0 + $1.samples }
  precondition(used == UInt64(profile.sampleCount), "no sample is lost on the way")
  _ = CallGraph(folding: CallTree(resolved, weighting: .samples))
}

/// What is read in parts must be what is read in one.
private func compare(_ one: Profile, _ several: Profile) {
  precondition(several.recordCounts == one.recordCounts, "\(several.recordCounts)")
  precondition(several.sampleCount == one.sampleCount && several.groupCount == one.groupCount)
  precondition("\(several.health)" == "\(one.health)", "\(several.health), not \(one.health)")
}

extension Symbolizer {
  /// The corpus of binaries is the recorded machine's root; each is read once, not once an input.
  fileprivate static let byName = Symbolizer(kernel: fewKernelSymbols, search: search)
  fileprivate static let byAddress = Symbolizer(kernel: nil, search: search, raw: true)

  private static let search = SymbolSearch(sysroot: FilePath(FuzzTarget.elf.corpus.path))
}

/// A kernel of a few functions, the UKL application among them.
private let fewKernelSymbols: KernelSymbols? = {
  let text = """
    ffffffff81000000 T _text
    ffffffff81000000 T _stext
    ffffffff81001000 T tcp_recvmsg
    ffffffff81002000 T do_syscall_64
    ffffffff81003000 T __entry_text_start
    ffffffff81003000 T ukl_entry_SYSCALL_64
    ffffffff81003100 T entry_SYSCALL_64
    ffffffff81004000 T __entry_text_end
    ffffffff81005000 T ukl_read
    ffffffff81005100 T ukl_main
    ffffffff81006000 T _etext

    """
  return (try? Kallsyms(text: Array(text.utf8), path: "kallsyms")).map { KernelSymbols($0.symbols) }
}()
