import Foundation
import Profiler
import TestSupport
import Testing

@testable import KernelImage

private func withBTF(_ body: (FakeKernel, [UInt8]) throws -> Void) throws {
  try withTemporaryFolder { folder in
    guard let kernel = try FakeKernel(in: folder), let objcopy = Place.tool("objcopy") else {
      return
    }
    let out = folder.appending(path: "btf")
    try FakeKernel.tool(
      objcopy,
      [
        "-O", "binary", "--only-section=.BTF", "--set-section-flags", ".BTF=alloc",
        kernel.vmlinux.path, out.path,
      ])
    try body(kernel, Array(try Data(contentsOf: out)))
  }
}

private func read(_ bytes: [UInt8], base: BTF? = nil) throws(SymbolError) -> BTF {
  try BTF(bytes.span.bytes, base: base)
}

@Test func membersStandWhereTheCompilerPutsThem() throws {
  try withBTF { _, bytes in
    let btf = try read(bytes)
    let proto = try #require(btf.structure(named: "proto"))
    #expect(btf.size(proto) == 48)
    let members = btf.flatMembers(proto).map { "\($0.name) \($0.bitOffset) \($0.bitSize)" }
    #expect(
      members == [
        "close 0 0", "recvmsg 64 0", "hashinfo 128 0", "number 128 0", "obj_size 192 24",
        "is_small 216 8", "name 224 0", "sendmsg 320 0",
      ] || btf.members(proto).contains { $0.name == "h" })
    let sendmsg = try #require(btf.members(proto).last)
    let prototype = try #require(btf.prototype(pointedToBy: sendmsg.type))
    let parameters = btf.parameters(prototype).map { btf.name(btf.resolved(btf.target($0))) }
    #expect(parameters.prefix(2) == ["sock", "msghdr"])
    #expect(btf.name(btf.target(prototype)) == "int")
  }
}

/// pahole prints offsets and sizes of every member in comments: `/*     8     8 */`.
@Test func everyStructureIsAsPaholeHasIt() throws {
  try withBTF { kernel, bytes in
    let btf = try read(bytes)
    let pahole = try #require(Place.tool("pahole"))
    for name in ["file_operations", "proto", "other", "timer", "holder"] {
      let text = try FakeKernel.tool(pahole, ["-F", "btf", "-C", name, kernel.vmlinux.path]).text
      let sizes = text.matches(of: /\/\* size: (\d+)/).compactMap { UInt64($0.output.1) }
      let type = try #require(btf.structure(named: name))
      #expect(sizes.last == btf.size(type))
      for member in btf.members(type) where member.bitSize == 0 && !member.name.isEmpty {
        let spellings = [
          "(*\(member.name))(", " \(member.name);", "*\(member.name);", " \(member.name)[",
        ]
        let line = text.split(separator: "\n").first { line in
          spellings.contains { line.contains($0) }
        }
        let place = line.flatMap { $0.firstMatch(of: /\/\*\s+(\d+)\s+\d+ \*\//) }
        #expect(
          place.flatMap { UInt64($0.output.1) } == member.bitOffset / 8, "\(name).\(member.name)")
      }
    }
  }
}

@Test func functionsOfOnePrototypeAreCompatibleWhateverTheirParametersAreCalled() throws {
  try withBTF { _, bytes in
    let btf = try read(bytes)
    var classes = BTFTypeClasses(btf)
    let functions = btf.prototypesByFunction()
    func number(_ name: String) throws -> UInt32 {
      classes.number(of: try #require(functions[name]))
    }
    let receive = try number("tcp_recvmsg")
    #expect(try receive == number("udp_recvmsg"))
    #expect(try receive != number("tcp_sendmsg"))
    let close = try number("tcp_close")
    #expect(try close != number("other_close"))
  }
}

@Test func damagedTypesAreRefusedOrReadButNeverCrash() throws {
  try withBTF { _, bytes in
    var random = SeededRandom(6)
    for length in stride(from: 0, to: bytes.count, by: 37) {
      _ = try? read(Array(bytes.prefix(length)))
    }
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<4 {
        damaged[Int.random(in: 24..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      guard let btf = try? read(damaged) else { continue }
      _ = OperationsLayouts(btf).layouts.count
    }
  }
}

@Test func headersThatLieAreRefused() throws {
  var header = ByteWriter()
  header.integer(UInt16(0xeb9f))
  header.raw([1, 0])
  header.integers([UInt32(24), 0, 0xffff_fff0, 0, 1])
  #expect(throws: SymbolError.self) { try read(header.bytes) }
  #expect(throws: SymbolError.self) { try read([0x9f, 0xeb]) }
  #expect(throws: SymbolError.self) { try read([0xeb, 0x9f, 1, 0] + header.bytes.dropFirst(4)) }
}
