public import ArgumentParser
import Glibc
import Profiler
import SystemPackage

extension Weighting: ExpressibleByArgument {}

/// What is read and where symbols may be looked for.
struct InputOptions: ParsableArguments {
  @Argument(
    help: "The recording: a perf.data file, or '-' for standard input.", completion: .file())
  var recording: String

  @Option(help: "The recorded kernel's /proc/kallsyms, plain or gzip-packed.", completion: .file())
  var kallsyms: String?

  @Option(
    help: "The recorded kernel's vmlinux or bzImage; proves hops and puts tail calls' frames back.",
    completion: .file())
  var kernel: String?

  @Flag(help: "Use --kernel although its build-id is not the recorded kernel's.")
  var force = false

  @Option(help: "Folder that stands for / of the recorded machine.", completion: .directory)
  var sysroot = "/"

  @Option(
    help: "Folder of debug files laid out as .build-id/xx/yyyy; may be given again.",
    completion: .directory)
  var debugDir: [String] = []

  @Flag(
    help: "Leave out functions that the compiler inlined; analyze looks at compiled ones only.")
  var noInline = false

  @Option(help: "Threads to work with; the result is the same with any number.")
  var threads = min(4, ProcessorCount.online)

  @Flag(name: .shortAndLong, help: "Say errors and warnings only.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say what is done.")
  var verbose = false
}

extension InputOptions {
  /// At least one.
  var workers: Int { max(1, min(threads, 64)) }
}

/// The machine's processors.
private enum ProcessorCount {
  static var online: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

extension SampleOptions {
  /// Whether all samples of an event count.
  var wantAll: Bool { comm == nil && pid == nil && tid == nil && time == nil }

  /// What of this is decided while the recording is read.
  var selection: SampleSelection {
    var selection = SampleSelection()
    selection.times = time?.range
    selection.tid = tid
    return selection
  }
}

/// Which samples count, and for what.
struct SampleOptions: ParsableArguments {
  @Option(help: "Only threads of this name; for analyze, processes with such a thread.")
  var comm: String?

  @Option(help: "Only this process.")
  var pid: Int32?

  @Option(help: "Only this thread.")
  var tid: Int32?

  @Option(help: "An event's name, or 'all'. Default: the event of the first sample.")
  var event: String?

  @Option(help: "Only samples between two times in seconds, FROM,TO; either may be left out.")
  var time: TimeRange?

  @Option(help: "What a sample counts: 'samples' counts each as one, 'period' its events.")
  var weight = Weighting.samples
}

/// Two times on the recording's clock, as perf prints them.
struct TimeRange: ExpressibleByArgument {
  /// Nanoseconds.
  let range: ClosedRange<UInt64>

  init?(argument: String) {
    let parts = argument.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let from = Self.nanoseconds(parts[0], orIfEmpty: 0),
      let to = Self.nanoseconds(parts[1], orIfEmpty: .max), from <= to
    else { return nil }
    range = from...to
  }

  private static func nanoseconds(_ text: Substring, orIfEmpty empty: UInt64) -> UInt64? {
    guard !text.isEmpty else { return empty }
    guard let seconds = Double(text), seconds >= 0, seconds < 1e9 else { return nil }
    return UInt64((seconds * 1e9).rounded())
  }
}
