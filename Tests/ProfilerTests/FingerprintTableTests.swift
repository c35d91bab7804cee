import TestSupport
import Testing

@testable import Profiler

/// Rows of sequences by their fingerprints, against a dictionary of arrays.
@Suite struct FingerprintTableTests {
  private func fingerprint(_ chain: [UInt64], seed: UInt64 = 0) -> Fingerprint {
    var fingerprint = Fingerprint(seed: seed)
    fingerprint.add(chain.span.bytes)
    return fingerprint
  }

  private func randomChain(_ random: inout SeededRandom) -> [UInt64] {
    let length = Int.random(in: 0...6, using: &random)  // up to four words go in one step
    return (0..<length).map { _ in UInt64.random(in: 0..<12, using: &random) }
  }

  @Test(arguments: 1...4) func agreesWithADictionary(seed: UInt64) {
    var random = SeededRandom(seed)
    var table = FingerprintTable()
    var known: [[UInt64]: Int] = [:]
    for _ in 0..<6000 {  // grows: 1024 slots at first
      let chain = randomChain(&random)
      let row = table.row(of: fingerprint(chain))
      #expect(known[chain, default: known.count] == row, "\(random) \(chain)")
      known[chain] = row
    }
    #expect(table.count == known.count, "\(random)")
    #expect(known.count > 1024, "the table must have grown")
  }

  /// A word that changes, moves or is missing changes the fingerprint, wherever it stands.
  @Test func everyWordCounts() {
    var table = FingerprintTable()
    // Three times eight words, one in each half of four lanes, then two pairs and a word.
    let chain = (1...29).map { UInt64($0) }
    var others: Set<[UInt64]> = []
    for place in chain.indices {
      others.insert(Array(chain[..<place]))
      for bit in 0..<64 {
        var changed = chain
        changed[place] ^= 1 << UInt64(bit)
        others.insert(changed)
      }
      for other in chain.indices {
        var swapped = chain
        swapped.swapAt(place, other)
        others.insert(swapped)
      }
    }
    #expect(Set(others.map { table.row(of: fingerprint($0)) }).count == others.count)
    // Beginnings, changed bits, exchanged words, and the chain itself.
    #expect(others.count == 29 + 29 * 64 + 29 * 28 / 2 + 1)
  }

  /// The same of functions' numbers, two in each word.
  @Test func everyNumberCounts() {
    var table = FingerprintTable()
    func row(_ numbers: [UInt32]) -> Int {
      var fingerprint = Fingerprint(seed: 0)
      fingerprint.add(bytes: numbers.span.bytes)
      return table.row(of: fingerprint)
    }
    var sequences: Set<[UInt32]> = []
    for length in 0...19 {
      sequences.insert(Array(repeating: 0, count: length))
      for place in 0..<length {
        for bit in 0..<32 {
          var numbers = [UInt32](repeating: 0, count: length)
          numbers[place] = 1 << UInt32(bit)
          sequences.insert(numbers)
        }
      }
    }
    #expect(sequences.count == 20 + 190 * 32)
    #expect(Set(sequences.map { row($0) }).count == sequences.count)
  }

  /// Chains of zeros differ by their length alone; seeds keep equal chains apart.
  @Test func lengthAndSeedCount() {
    var table = FingerprintTable()
    let chains: [[UInt64]] = [[], [1], [1, 2], [2, 1], [0], [0, 0]]
    #expect(chains.map { table.row(of: fingerprint($0)) } == [0, 1, 2, 3, 4, 5])
    #expect(chains.map { table.row(of: fingerprint($0, seed: 1)) } == [6, 7, 8, 9, 10, 11])
    #expect(chains.map { table.row(of: fingerprint($0)) } == [0, 1, 2, 3, 4, 5])
  }

  /// A seed is no word that could be exchanged with the first one.
  @Test func seedAndFirstWordAreNotInterchangeable() {
    var table = FingerprintTable()
    let rows = (0..<64).map { seed in
      (0..<64).map { table.row(of: fingerprint([UInt64($0)], seed: UInt64(seed))) }
    }
    #expect(Set(rows.joined()).count == 64 * 64)
  }

  /// What two tables found is numbered as one table would have numbered it.
  @Test(arguments: 1...4) func mergedRowsAreThoseOfOneTable(seed: UInt64) {
    var random = SeededRandom(seed)
    let chains = (0..<3000).map { _ in randomChain(&random) }
    var (whole, first, second) = (FingerprintTable(), FingerprintTable(), FingerprintTable())
    let expected = chains.map { whole.row(of: fingerprint($0)) }
    let early = chains[..<1200].map { first.row(of: fingerprint($0)) }
    let late = chains[1200...].map { second.row(of: fingerprint($0)) }
    let moved = first.merge(second)
    #expect(early + late.map { Int(moved[$0]) } == expected, "\(random)")
    #expect(first.count == whole.count)
  }
}
