/// The last values of counters, to know by how much each grew until a sample.
///
/// A sample with `PERF_SAMPLE_READ` carries values that count up; its period is the difference to the
/// sample before, as in perf (`deliver_sample_value` in `tools/perf/util/session.c`). Samples of one
/// counter are in the order of time in the file, for a counter has one buffer.
struct CounterValues: Sendable {
  private var last: [Key: UInt64] = [:]

  private struct Key: Hashable {
    let id: UInt64
    /// The thread, where the counters are each thread's own; else 0.
    let tid: Int32
  }

  /// - Returns: by how much the counter grew; the whole value where it began anew.
  mutating func growth(of counter: SampleLayout.Counter, tid: Int32) -> UInt64 {
    let key = Key(id: counter.id, tid: tid)
    let before = last.updateValue(counter.value, forKey: key) ?? 0
    return counter.value >= before ? counter.value - before : counter.value
  }
}
