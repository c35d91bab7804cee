import CFuzzer
import FuzzTargets
import Glibc

// The environment says which target: libFuzzer starts copies of itself with arguments of its own.
guard let name = getenv("FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name))
else {
  print("FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
  exit(64)
}
chosen = target
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    // SAFETY: libFuzzer lends `size` bytes for the time of the call.
    chosen.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
  })
