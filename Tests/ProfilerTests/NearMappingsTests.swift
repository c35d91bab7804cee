import TestSupport
import Testing

@testable import Profiler

/// What is remembered of an address space, against the space itself.
@Suite struct NearMappingsTests {
  /// Mappings of all sizes, some in the same 64 KiB, more of them than are remembered at once.
  private func space(_ random: inout SeededRandom) -> AddressSpace {
    var space = AddressSpace()
    for record in 0..<400 {
      let start = UInt64.random(in: 0..<1 << 16, using: &random) << 12
      let pages = UInt64.random(
        in: 1...(1 << UInt64.random(in: 0...11, using: &random)), using: &random)
      space.map(
        AddressSpace.Mapping(
          start: start, end: start + pages << 12, pageOffset: 0, record: record))
    }
    return space
  }

  @Test(arguments: 1...4) func agreesWithTheAddressSpace(seed: UInt64) {
    var random = SeededRandom(seed)
    let space = space(&random)
    var near = NearMappings()
    var remembered = 0
    for round in 0..<50_000 {
      if round % 10_000 == 0 { near.removeAll() }
      let address = UInt64.random(in: 0..<1 << 28 + 1 << 20, using: &random)
      let mapping = space.mapping(covering: address)
      if let stretch = near.stretch(around: address) {
        remembered += 1
        #expect(stretch.file == mapping?.record, "\(random) \(address)")
        continue
      }
      switch space.stretch(around: address) {
      case .mapping(let mapping):
        near.remember(
          NearMappings.Stretch(start: mapping.start, end: mapping.end, file: mapping.record),
          around: address)
      case .gap(let start, let end):
        near.remember(NearMappings.Stretch(start: start, end: end), around: address)
      }
      #expect(near.stretch(around: address)?.file == mapping?.record)
      #expect(near.stretch(around: address) != nil)
    }
    #expect(remembered > 1000, "some must be asked for twice")
  }

  /// A gap ends where the mappings next to it do, and at the ends of the addresses.
  @Test func gapsEndAtMappings() {
    var space = AddressSpace()
    #expect(space.stretch(around: 5) == .gap(start: 0, end: .max))
    space.map(AddressSpace.Mapping(start: 0x1000, end: 0x3000, pageOffset: 0, record: 0))
    space.map(AddressSpace.Mapping(start: 0x8000, end: 0x9000, pageOffset: 0, record: 1))
    #expect(space.stretch(around: 0xfff) == .gap(start: 0, end: 0x1000))
    #expect(space.stretch(around: 0x3000) == .gap(start: 0x3000, end: 0x8000))
    #expect(space.stretch(around: 0x9000) == .gap(start: 0x9000, end: .max))
  }

  /// The last address of all is before the end of no stretch; it is found every time anew.
  @Test func theLastAddressIsNotRemembered() {
    var near = NearMappings()
    near.remember(NearMappings.Stretch(start: 0x1000, end: .max), around: .max)
    #expect(near.stretch(around: .max) == nil)
    near.remember(NearMappings.Stretch(start: 0x1000, end: .max), around: .max - 1)
    #expect(near.stretch(around: .max - 1) != nil)
  }
}
