import Dispatch
import Synchronization
import SystemPackage

/// Samples out of compressed records: too much to keep in memory, they go into a nameless file.
final class SampleSpool: Sendable {
  private let state = Mutex(State())
  private let output = Mutex(SpoolFile?.none)
  private let hasFailed = Atomic(false)
  /// Writes beside the thread that unpacks; nil where that is to write itself.
  private let writer: DispatchQueue?
  /// Counts down the chunks that may wait to be written: they are memory.
  private let room = DispatchSemaphore(value: 4)

  private struct State: ~Copyable {
    var written: UInt64 = 0
    var pending: [UInt8] = []
  }

  private static let chunk = 1 << 20

  /// - Parameter isShared: whether another thread may write.
  init(isShared: Bool) {
    writer = isShared ? DispatchQueue(label: "spool") : nil
  }

  /// Appends bytes.
  ///
  /// - Returns: where they will be; nil where there was no room for those before them.
  func write(_ bytes: RawSpan) -> UInt64? {
    state.withLock { state in
      let place = state.written
      bytes.append(to: &state.pending)
      state.written += UInt64(bytes.byteCount)
      if state.pending.count >= SampleSpool.chunk { flush(&state) }
      return hasFailed.load(ordering: .relaxed) ? nil : place
    }
  }

  private func flush(_ state: inout State) {
    let chunk = state.pending
    state.pending = []
    state.pending.reserveCapacity(chunk.count)
    guard let writer else { return store(chunk) }
    room.wait()
    writer.async { [self] in
      store(chunk)
      room.signal()
    }
  }

  private func store(_ chunk: [UInt8]) {
    guard !hasFailed.load(ordering: .relaxed) else { return }
    output.withLock { output in
      do throws(Errno) {
        var file = if let open = output.take() { open } else { try SpoolFile() }
        try file.write(chunk[...])
        output = consume file
      } catch {
        hasFailed.store(true, ordering: .relaxed)
      }
    }
  }

  /// Maps what was written; nil where nothing was, or not all of it.
  func map() -> MappedFile? {
    state.withLock { state in
      guard state.written > 0 else { return nil }
      flush(&state)
      writer?.sync {}
      state.written = 0
      guard !hasFailed.load(ordering: .relaxed), let file = output.withLock({ $0.take() }) else {
        return nil
      }
      return try? file.map()
    }
  }
}
