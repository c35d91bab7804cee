/// Kernel code that came and went while it was recorded (BPF programs, trampolines, probes), from
/// `PERF_RECORD_KSYMBOL`.
///
/// An address may have had several symbols one after the other. Time is cut into epochs at the
/// moments when an address began to mean something else, and a symbol is found by address and epoch.
struct KernelSymbolHistory: Sendable {
  /// One symbol, from `birth` until before `death`.
  private struct Life: Sendable {
    let symbol: KSymbolRecord
    let birth: UInt64
    var death = UInt64.max
  }

  private var records: [(time: UInt64, symbol: KSymbolRecord)] = []
  /// Sorted by the symbols' start.
  private var lives: [Life] = []
  /// When each epoch but the first begins, ascending.
  private(set) var boundaries: [UInt64] = []

  /// How many symbols that begin before an address are tried: code doesn't overlap but for records
  /// that were lost.
  private static let mostTried = 64

  var isEmpty: Bool { records.isEmpty }

  mutating func add(_ symbol: KSymbolRecord, at time: UInt64) { records.append((time, symbol)) }

  /// Makes lives of the records.
  mutating func seal() {
    let order = records.indices.sorted { (records[$0].time, $0) < (records[$1].time, $1) }
    var alive: [UInt64: Int] = [:]
    var places: Set<UInt64> = []
    for (time, symbol) in order.map({ records[$0] }) {
      if let row = alive.removeValue(forKey: symbol.start) {
        if !symbol.isGone, lives[row].symbol.name == symbol.name { alive[symbol.start] = row }
        if alive[symbol.start] == nil { end(row, at: time) }
      }
      guard !symbol.isGone, alive[symbol.start] == nil else { continue }
      // Between two lives at a place there was nothing.
      if !places.insert(symbol.start).inserted { cut(at: time) }
      alive[symbol.start] = lives.count
      lives.append(Life(symbol: symbol, birth: time))
    }
    let rows = lives.indices.sorted { (lives[$0].symbol.start, $0) < (lives[$1].symbol.start, $1) }
    lives = rows.map { lives[$0] }
  }

  private mutating func end(_ row: Int, at time: UInt64) {
    lives[row].death = time
    cut(at: time)
  }

  private mutating func cut(at time: UInt64) {
    if boundaries.last != time { boundaries.append(time) }
  }

  /// The number of the epoch that a time lies in.
  func epoch(at time: UInt64) -> Int { boundaries.countUntil(time) { $0 } }

  /// All times of an epoch.
  private func times(of epoch: Int) -> (first: UInt64, last: UInt64) {
    (
      epoch > 0 ? boundaries[epoch - 1] : 0,
      epoch < boundaries.count ? boundaries[epoch] - 1 : .max
    )
  }

  /// The row of the symbol that covered an address in an epoch; of several the youngest.
  func row(covering address: UInt64, in epoch: Int) -> Int? {
    let (first, last) = times(of: epoch)
    let end = lives.countUntil(address) { $0.symbol.start }
    var found: Int?
    for row in (max(0, end - KernelSymbolHistory.mostTried)..<end).reversed() {
      let life = lives[row]
      guard address - life.symbol.start < UInt64(life.symbol.length), life.birth <= last,
        life.death > first, life.birth >= found.map({ lives[$0].birth }) ?? 0
      else { continue }
      found = row
    }
    return found
  }

  /// Where a symbol begins.
  func start(ofRow row: Int) -> UInt64 { lives[row].symbol.start }

  /// The symbol's name.
  func name(ofRow row: Int) -> String { lives[row].symbol.name }
}
