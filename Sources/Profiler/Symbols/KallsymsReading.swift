import Dispatch
import Synchronization
import SystemPackage

/// The reading of a file of kallsyms: when it is asked for, or before that on a thread of its own.
public final class KallsymsReading: Sendable {
  let path: FilePath
  private let reading = DispatchGroup()
  private let result = Mutex<Result<Outcome, SymbolError>?>(nil)

  struct Outcome: Sendable {
    let kallsyms: Kallsyms
    let symbols: KernelSymbols
  }

  /// Reads nothing yet.
  init(_ path: FilePath) { self.path = path }

  /// Begins to read while something else goes on.
  func begin() {
    DispatchQueue.global().async(group: reading) { [self] in
      let outcome = Result { () throws(SymbolError) in try read() }
      result.withLock { $0 = outcome }
    }
  }

  /// What was read; waits for it.
  ///
  /// - Throws: ``SymbolError`` as ``Kallsyms/init(path:)`` does.
  func outcome() throws(SymbolError) -> Outcome {
    reading.wait()
    guard let outcome = result.withLock({ $0 }) else { return try read() }
    return try outcome.get()
  }

  private func read() throws(SymbolError) -> Outcome {
    let kallsyms = try Kallsyms(path: path)
    return Outcome(kallsyms: kallsyms, symbols: KernelSymbols(kallsyms.symbols))
  }
}
