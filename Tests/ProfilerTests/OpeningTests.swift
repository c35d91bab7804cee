import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Recordings in other wrappings than a plain file.
@Suite struct OpeningTests {
  private static let packers = ["gzip", "xz", "zstd"]

  private func recording() -> [UInt8] {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
    file.comm("prog", time: 1)
    for time in 2..<3000 { file.sample(SampleValues(time: UInt64(time), chain: [0x10])) }
    return file.bytes
  }

  private func open(_ url: URL) throws -> Profile {
    Profile.read(try PerfDataFile.open(FilePath(url.path)))
  }

  /// Packs by the program itself; nil, with the reason said, where it is not installed.
  private func packed(
    _ bytes: [UInt8], by packer: String, in folder: URL, _ test: String = #function
  ) throws -> Data? {
    guard let tool = Place.tool(packer) else {
      skipped("\(packer) is not installed", test)
      return nil
    }
    let plain = folder.appendingPathComponent("plain")
    try Data(bytes).write(to: plain)
    return try run(tool, ["-c", plain.path]).stdout
  }

  @Test(arguments: packers) func packedFilesAreUnpacked(packer: String) throws {
    try withTemporaryFolder { folder in
      guard let data = try packed(recording(), by: packer, in: folder) else { return }
      let file = folder.appendingPathComponent("perf.data.packed")
      try data.write(to: file)
      let profile = try open(file)
      #expect(profile.sampleCount == 2998)
      #expect(profile.health.isClean)
      // Two streams, one behind the other, are one file, as for the programs that made them.
      try (data + data).write(to: file)
      #expect(try open(file).sampleCount == 2998)
    }
  }

  /// What was cut off is said; what came before is used.
  @Test(arguments: packers) func packedFilesMayBeCutShort(packer: String) throws {
    try withTemporaryFolder { folder in
      var random = SeededRandom(7)
      var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
      for time in 0..<20_000 {
        file.sample(
          SampleValues(time: UInt64(time), chain: [UInt64.random(in: 0...(.max), using: &random)]))
      }
      guard let data = try packed(file.bytes, by: packer, in: folder) else { return }
      let url = folder.appendingPathComponent("perf.data")
      try data.prefix(data.count * 9 / 10).write(to: url)
      let profile = try open(url)
      #expect(profile.sampleCount > 10_000 && profile.sampleCount < 20_000)
      let said = try #require(profile.health.skipped.first).description
      #expect(said.contains("ends too early"), "\(said)")
      try data.prefix(40).write(to: url)
      #expect(throws: PerfDataError.self) { try open(url) }
    }
  }

  /// A gigabyte of zeros in a megabyte is no recording.
  @Test func whatFillsTheDiskIsRefused() throws {
    try withTemporaryFolder { folder in
      guard let zstd = Place.tool("zstd"), let shell = Place.tool("sh") else {
        return skipped("zstd is not installed")
      }
      let file = folder.appendingPathComponent("bomb")
      _ = try run(shell, ["-c", "head -c 300000000 /dev/zero | \(zstd.path) -q > \(file.path)"])
      let message = #expect(throws: PerfDataError.self) { try open(file) }?.description ?? ""
      #expect(message.contains("not a perf.data file"), "\(message)")
    }
  }

  /// perf record --threads: the header in `data`, records there and in `data.0`, `data.1`, ….
  @Test(arguments: 1...3) func folderOfFiles(workers: Int) throws {
    try withTemporaryFolder { folder in
      var head = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
      head.comm("prog", time: 1)
      try Data(head.bytes).write(to: folder.appendingPathComponent("data"))
      for number in 0..<2 {
        var file = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
        for time in 0..<UInt64(number + 4) {
          file.sample(SampleValues(time: 10 + time, chain: [ChainMarker.user, 0x10 + time]))
        }
        try Data(file.records).write(to: folder.appendingPathComponent("data.\(number)"))
      }
      let profile = Profile.read(
        try PerfDataFile.open(FilePath(folder.path)), workers: workers)
      #expect(profile.isDirectory)
      #expect(profile.sampleCount == 9)
      #expect(profile.health.isClean)
      let folded = Symbolizer(kernel: nil, source: NoImages(), raw: true, workers: workers)
        .fold(profile, weighting: .samples)
      #expect(folded.weight == [2, 2, 2, 2, 1])
    }
  }

  /// A file that was lost is said; those behind it are read.
  @Test func folderWithAGap() throws {
    try withTemporaryFolder { folder in
      let head = PerfDataBuilder(attributes: [.init(SampleBit.usual)])
      try Data(head.bytes).write(to: folder.appendingPathComponent("data"))
      var part = head
      for time in 1..<4 { part.sample(SampleValues(time: UInt64(time), chain: [0x10])) }
      for number in [1, 4] {
        try Data(part.records).write(to: folder.appendingPathComponent("data.\(number)"))
      }
      let profile = try open(folder)
      #expect(profile.sampleCount == 6)
      #expect(
        profile.health.skipped.map(\.description) == [
          "data.0 is not in the folder, 3 of 5 are missing"
        ])
    }
  }

  /// What a shell's `<(command)` names.
  @Test func streamWithAName() throws {
    guard let shell = Place.tool("sh"), let program = Place.program else {
      return skipped("sh or ukl-shortcut is not there")
    }
    try withTemporaryFolder { folder in
      try Data(recording()).write(to: folder.appendingPathComponent("perf.data"))
      mkfifo(folder.appendingPathComponent("fifo").path, 0o600)
      let result = try run(
        shell,
        ["-c", "cat perf.data > fifo & exec \"$0\" fold --raw fifo", program.path],
        in: folder)
      #expect(result.status == 0 && result.lines == ["prog;0x10 2998"], "\(result.stderr)")
    }
  }

  @Test func folderWithoutRecordingIsRefused() throws {
    try withTemporaryFolder { folder in
      let message = #expect(throws: PerfDataError.self) { try open(folder) }?.description ?? ""
      #expect(message.contains("'data' can't be read"), "\(message)")
    }
  }
}
