import TestSupport
import Testing

@testable import Profiler

/// Interning of call chains, against a dictionary of arrays.
@Suite struct StackTableTests {
  @Test(arguments: 1...4) func agreesWithADictionary(seed: UInt64) {
    var random = SeededRandom(seed)
    var table = StackTable(expecting: 1)
    var known: [[UInt64]: StackID] = [:]
    for _ in 0..<6000 {  // grows: 1024 slots at first
      let length = Int.random(in: 0...6, using: &random)
      let chain = (0..<length).map { _ in UInt64.random(in: 0..<12, using: &random) }
      let id = table.intern(chain.span.bytes, swapped: false)
      #expect(known[chain] ?? id == id, "\(random) \(chain)")
      known[chain] = id
      #expect(Array(table.callchain(of: id)) == chain, "\(random) \(chain)")
    }
    #expect(table.count == known.count, "\(random)")
    #expect(Set(known.values).count == known.count, "\(random)")
    #expect(known.count > 1024, "the table must have grown")
  }

  @Test func idsCountFromZero() {
    var table = StackTable()
    let chains: [[UInt64]] = [[], [1], [1, 2], [2, 1], [0], [0, 0]]
    let ids = chains.map { table.intern($0.span.bytes, swapped: false).index }
    #expect(ids == [0, 1, 2, 3, 4, 5])
    #expect(chains.map { table.intern($0.span.bytes, swapped: false).index } == ids)
  }

  @Test func swappedChainsAreKeptInHostOrder() {
    var table = StackTable()
    let id = table.intern([UInt64(0x0102_0304_0506_0708)].span.bytes, swapped: true)
    #expect(Array(table.callchain(of: id)) == [0x0807_0605_0403_0201])
  }
}
