import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Recordings damaged at random, from a printed seed: no crash, no hang, no memory without bound.
@Suite struct MutationTests {
  /// How many times the usual rounds: `UKL_SHORTCUT_MUTATIONS=100 swift test --filter MutationTests`
  /// searches for minutes. Each factor has seeds of its own.
  private static let effort =
    ProcessInfo.processInfo.environment["UKL_SHORTCUT_MUTATIONS"].flatMap { Int($0) } ?? 1

  /// One damage at a time.
  static func damage(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = [0, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
    case 2: bytes.removeSubrange(place...)
    case 3:  // a word with a value that is often a limit
      let values: [UInt64] = [0, 1, .max, 1 << 63, 1 << 32, UInt64(Int64.max), 0xffff]
      let word = withUnsafeBytes(of: values.randomElement(using: &random) ?? 0, Array.init)
      let start = place / 8 * 8
      for (index, byte) in word.enumerated() where start + index < bytes.count {
        bytes[start + index] = byte
      }
    case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 200)], at: place)
    case 5: bytes.removeSubrange(place..<min(bytes.count, place + 8))
    default:  // in the header and the attributes, where it matters most
      bytes[Int.random(in: 0..<min(bytes.count, 400), using: &random)] = UInt8.random(
        in: 0...255, using: &random)
    }
  }

  /// Reads and resolves, by names and raw.
  private func exercise(_ bytes: [UInt8], in folder: URL, _ kernel: KernelSymbols) throws {
    let file = folder.appendingPathComponent("perf.data")
    try Data(bytes).write(to: file)
    let profile: Profile
    do throws(PerfDataError) {
      profile = Profile.read(try PerfDataFile.open(FilePath(file.path)))
    } catch {
      #expect(!error.description.contains("\n"))
      return
    }
    for raw in [false, true] {
      let symbolizer = Symbolizer(kernel: kernel, source: NoImages(), raw: raw)
      let resolved = symbolizer.resolve(profile)
      let tree = CallTree(resolved, weighting: .period)
      let used = resolved.rows.reduce(0) { $0 + $1.samples }
      #expect(used == UInt64(profile.sampleCount))
      #expect(tree.count >= 1)
    }
  }

  private func mutate(_ original: [UInt8], seed: UInt64, rounds: Int) throws {
    let kernel = try ChainSplitterTests.kernel()
    var random = SeededRandom(seed + UInt64(Self.effort - 1) << 32)
    let rounds = rounds * Self.effort
    print("mutating with \(random)")
    try withTemporaryFolder { folder in
      for round in 0..<rounds {
        var bytes = original
        for _ in 0...Int.random(in: 0..<4, using: &random) { Self.damage(&bytes, &random) }
        let start = ContinuousClock.now
        try exercise(bytes, in: folder, kernel)
        let time = ContinuousClock.now - start
        #expect(time < .seconds(2), "round \(round) of \(random) took \(time)")
      }
    }
  }

  @Test(arguments: ByteWriter.Order.allCases)
  func builtRecording(order: ByteWriter.Order) throws {
    try mutate(DamageTests.small(order).bytes, seed: 0x5eed_0001, rounds: 300)
  }

  @Test func compressedRecordings() throws {
    let inner = DamageTests.small()
    guard let stream = try zstdPacked(inner.records) else {
      return skipped("zstd is not installed")
    }
    var outer = PerfDataBuilder(attributes: inner.attributes)
    outer.compressed(stream[..<60])
    outer.compressed2(stream[60...])
    try mutate(outer.bytes, seed: 0x5eed_0002, rounds: 300)
    let file = Place.recording("redis-ukl-zstd").appendingPathComponent("perf.data")
    try mutate(Array(try Data(contentsOf: file)), seed: 0x5eed_0003, rounds: 20)
  }

  /// Text in place of kallsyms, and kallsyms with damage.
  @Test func kallsyms() throws {
    var random = SeededRandom(0x5eed_0004 + UInt64(Self.effort - 1) << 32)
    print("mutating with \(random)")
    for round in 0..<300 * Self.effort {
      var text = Array(ChainSplitterTests.kallsyms.utf8)
      for _ in 0...Int.random(in: 0..<4, using: &random) { Self.damage(&text, &random) }
      guard let kallsyms = try? Kallsyms(text: text, path: "kallsyms") else { continue }
      let kernel = KernelSymbols(kallsyms.symbols)
      var splitter = ChainSplitter(kernel: kernel)
      for wanted in ChainSplitterTests.cases {
        let (frames, _) = splitter.split(wanted.chain[...])
        #expect(frames.count <= wanted.chain.count, "round \(round) of \(random)")
      }
    }
  }

  /// A small program's ELF file with damage: symbols may be lost, nothing else.
  @Test func elfFiles() throws {
    guard let gcc = Place.tool("gcc") else { return skipped("gcc is not installed") }
    var random = SeededRandom(0x5eed_0005 + UInt64(Self.effort - 1) << 32)
    print("mutating with \(random)")
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("prog.c")
      try Data("#include <stdio.h>\nint main(void) { return puts(\"\"); }\n".utf8).write(to: source)
      let program = folder.appendingPathComponent("prog")
      try #require(try run(gcc, ["-o", program.path, source.path]).status == 0)
      let original = Array(try Data(contentsOf: program))
      for _ in 0..<300 * Self.effort {
        var bytes = original
        for _ in 0...Int.random(in: 0..<6, using: &random) { Self.damage(&bytes, &random) }
        try Data(bytes).write(to: program)
        let image = try? ElfImage(path: FilePath(program.path))
        #expect(image?.symbols.count ?? 0 < 100_000)
        _ = image?.address(ofFileOffset: .max)
      }
    }
  }
}
