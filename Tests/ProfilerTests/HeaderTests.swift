import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Profiler

/// Header and attributes, as `perf.data-file-format.txt` and `perf_event.h` lay them out.
@Suite struct HeaderTests {
  /// Published sizes of `perf_event_attr`: VER0 to VER8, and one of the future.
  static let sizes = [64, 72, 80, 96, 104, 112, 120, 128, 136, 144]

  @Test(arguments: sizes, ByteWriter.Order.allCases)
  func attributeOfEverySize(size: Int, order: ByteWriter.Order) throws {
    var event = PerfDataBuilder.Attribute(
      SampleBit.usual | SampleBit.identifier, ids: [7, 1 << 40])
    event.type = 2
    event.config = 0x1234_5678_9abc
    event.period = 10_000
    event.readFormat = 4 | 16
    event.flags = PerfDataBuilder.Flag.frequency | PerfDataBuilder.Flag.sampleIDAll
    event.userRegisters = 0xff0fff
    event.size = size
    let found = try #require(try attributes(of: PerfDataBuilder(order, attributes: [event])).first)
    #expect(found.type == 2)
    #expect(found.config == 0x1234_5678_9abc)
    #expect(found.samplePeriod == 10_000)
    #expect(found.sampleType.rawValue == SampleBit.usual | SampleBit.identifier)
    #expect(found.readFormat.rawValue == 20)
    #expect(found.isFrequency && found.hasSampleIDAll)
    #expect(found.ids == [7, 1 << 40])
    // sample_regs_user stands at 80 … 88 and is there from VER3 (96 bytes) on.
    #expect(found.userRegisters == (size >= 96 ? 0xff0fff : 0))
  }

  /// config2 came with VER1; read as a register mask it would be nonsense.
  @Test(arguments: [72, 80]) func config2IsNoRegisterMask(size: Int) throws {
    var event = PerfDataBuilder.Attribute(SampleBit.ip)
    event.size = size
    var bytes = PerfDataBuilder(attributes: [event]).bytes
    bytes[104 + 64] = 0x55
    #expect(try read(bytes).attributes[0].userRegisters == 0)
  }

  @Test(arguments: 0..<38, ByteWriter.Order.allCases)
  func eachFlagBitIsItself(bit: Int, order: ByteWriter.Order) throws {
    var event = PerfDataBuilder.Attribute(SampleBit.ip)
    event.flags = 1 << UInt64(bit)
    let found = try attributes(of: PerfDataBuilder(order, attributes: [event]))
    #expect(found.map(\.flags) == [1 << UInt64(bit)])
  }

  /// Names perf 6.1 prints for events that nobody named (`evsel__name`).
  @Test(
    arguments: [
      (0, 0, 0, "cycles:HG"), (1, 9, 0, "dummy:HG"), (1, 0, 1 << 20, "cpu-clock"),
      (0, 4, 2 << 15 | 1 << 20, "branches:ppH"),
      (0, 1, 1 << 5 | 1 << 6 | 1 << 20, "instructions:uH"),
      (3, 0x10002, 1 << 20, "LLC-load-misses"), (4, 0x1a8, 1 << 20, "raw 0x1a8"),
    ] as [(UInt32, UInt64, UInt64, String)])
  func namesOfUnnamedEvents(type: UInt32, config: UInt64, flags: UInt64, name: String) throws {
    var event = PerfDataBuilder.Attribute(SampleBit.ip)
    (event.type, event.config, event.flags) = (type, config, flags)
    let found = try attributes(of: PerfDataBuilder(attributes: [event]))
    #expect(found.map(\.shownName) == [name])
  }

  @Test(arguments: [
    ("", "the file is empty"),
    ("PERFIL", "needs 16 bytes but 6 remain"),
    ("#!/bin/sh\necho not a recording\n", "not a perf.data file"),
    ("PERFFILE" + String(repeating: "\0", count: 96), "before 3.4"),
    ("PERFILE2" + String(repeating: "\u{1}", count: 40), "needs 8 bytes"),
  ])
  func otherFilesAreRefused(text: String, reason: String) throws {
    let error = #expect(throws: PerfDataError.self) { try read(Array(text.utf8)) }
    #expect(error?.description.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func missingFileSaysSo() {
    #expect(
      kind { _ = try PerfDataFile.open("/nowhere/perf.data") } == .io("No such file or directory"))
  }

  /// Sizes, in the header, of an attribute entry that no perf has.
  @Test(arguments: [0, 1, 16, 79, 4097, UInt64(Int64.max), .max] as [UInt64])
  func impossibleAttributeSizeIsRefused(size: UInt64) {
    var file = PerfDataBuilder(attributes: [.init(SampleBit.ip)])
    file.claimedAttributeSize = size
    #expect(kind { _ = try read(file) } != nil)
  }

  @Test func noAttributesIsRefused() {
    #expect(kind { _ = try read(PerfDataBuilder()) } == .badValue("no event attributes"))
  }

  /// Offset and size of the attribute section, at 24 and 32 of the header.
  @Test(arguments: [24, 32], [UInt64.max, .max - 7, 1 << 63, 1 << 40] as [UInt64])
  func attributesOutsideTheFileAreRefused(field: Int, value: UInt64) {
    var bytes = PerfDataBuilder(attributes: [.init(SampleBit.ip)]).bytes
    for byte in 0..<8 { bytes[field + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)) }
    guard case .outside? = kind(of: { _ = try read(bytes) }) else {
      Issue.record("not refused as outside the file")
      return
    }
  }

  /// 65,536 events are more than any perf has, and than the columns number.
  @Test func tooManyAttributesAreRefused() throws {
    var event = PerfDataBuilder.Attribute(SampleBit.ip, ids: [])
    event.size = 64
    let one = PerfDataBuilder(attributes: [event]).bytes
    var bytes = Array(one[..<104])
    for _ in 0..<65_537 { bytes += one[104..<184] }
    for (byte, value) in withUnsafeBytes(of: UInt64(65_537 * 80).littleEndian, Array.init)
      .enumerated()
    {
      bytes[32 + byte] = value
    }
    let error = #expect(throws: PerfDataError.self) { try read(bytes) }
    #expect(error?.structure == "attribute section")
  }

  /// Every attribute may point to the same stretch of ids: memory must not grow with the product.
  @Test func overlappingIDSectionsAreRefused() throws {
    let events = [PerfDataBuilder.Attribute](
      repeating: .init(SampleBit.ip, ids: []), count: 2000)
    var bytes = PerfDataBuilder(attributes: events).bytes
    for index in events.indices {
      let entry = 104 + index * 144 + 128
      for byte in 0..<3 {
        bytes[entry + 8 + byte] = UInt8(truncatingIfNeeded: 288_000 >> (8 * byte))
      }
    }
    let error = #expect(throws: PerfDataError.self) { try read(bytes) }
    #expect(error?.structure == "event ids")
  }
}
