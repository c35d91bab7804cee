/// User mode's parts of call chains that the kernel recorded on its way back to user mode
/// (`PERF_RECORD_CALLCHAIN_DEFERRED`, `perf record --call-graph fp,defer`).
///
/// A sample names its part by a cookie, which several samples of one stay in the kernel share:
///
///     SAMPLE                 kernel's part │ PERF_CONTEXT_USER_DEFERRED cookie
///     CALLCHAIN_DEFERRED     cookie nr │ PERF_CONTEXT_USER user's part
///
/// Source: `include/uapi/linux/perf_event.h` (Linux 6.19).
struct DeferredChains: Sendable {
  private var rows: [UInt64: UInt32] = [:]
  /// The distinct ones.
  private var chains: [[UInt64]] = []
  private var known: [[UInt64]: UInt32] = [:]

  /// Reads a record's body.
  mutating func add(
    _ body: RawSpan, swapped: Bool, at offset: UInt64
  ) throws(PerfDataError) {
    var reader = FieldReader(
      body, swapped: swapped, at: offset, in: "PERF_RECORD_CALLCHAIN_DEFERRED")
    let (cookie, count) = (try reader.u64(), try reader.u64())
    var chain: [UInt64] = []
    for _ in 0..<count { chain.append(try reader.u64()) }
    let row = known[chain] ?? UInt32(chains.count)
    if row == chains.count {
      chains.append(chain)
      known[chain] = row
    }
    rows[cookie] = row
  }

  /// The part of a cookie, its context marker included.
  func chain(cookie: UInt64) -> [UInt64]? { rows[cookie].map { chains[Int($0)] } }
}
