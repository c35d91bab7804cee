import Synchronization
import SystemPackage

/// Samples out of compressed records: too much to keep in memory, they go into a nameless file.
final class SampleSpool: Sendable {
  private let state = Mutex(State())

  private struct State: ~Copyable {
    var file: SpoolFile?
    var written: UInt64 = 0
    var pending: [UInt8] = []
    var hasFailed = false
  }

  private static let chunk = 1 << 20

  /// Appends bytes.
  ///
  /// - Returns: where they will be; nil where there is no room for them.
  func write(_ bytes: RawSpan) -> UInt64? {
    state.withLock { state in
      let place = state.written
      bytes.append(to: &state.pending)
      state.written += UInt64(bytes.byteCount)
      if state.pending.count >= SampleSpool.chunk { SampleSpool.flush(&state) }
      return state.hasFailed ? nil : place
    }
  }

  private static func flush(_ state: inout State) {
    guard !state.hasFailed else { return state.pending.removeAll() }
    do throws(Errno) {
      var file = if let open = state.file.take() { open } else { try SpoolFile() }
      try file.write(state.pending[...])
      state.file = consume file
    } catch {
      state.hasFailed = true
    }
    state.pending.removeAll(keepingCapacity: true)
  }

  /// Maps what was written; nil where nothing was.
  func map() -> MappedFile? {
    state.withLock { state in
      guard state.written > 0 else { return nil }
      SampleSpool.flush(&state)
      guard !state.hasFailed, let file = state.file.take() else { return nil }
      state.written = 0
      return try? file.map()
    }
  }
}
