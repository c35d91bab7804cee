import Foundation
import TestSupport
import Testing

@testable import ShortcutGen

/// Stubs are fitted by what a kernel declares, whoever says it: its headers or its types.
@Suite("Fit to a kernel") struct KernelFitTests {
  /// What pahole prints of the types of Debian's 6.1.192.
  private static let linux6_1 = KernelFacts(
    functions: [],
    structures: [
      "fd": ["file": nil, "flags": nil], "proto": ["recvmsg": 5, "sendmsg": 3],
      "proto_ops": ["recvmsg": 4, "sendpage": 5, "splice_eof": 1],
    ],
    enumerators: ["ITER_UBUF"])

  /// And of 6.12.117.
  private static let linux6_12 = KernelFacts(
    functions: [
      "import_ubuf", "splice_file_range", "shmem_file_write_iter", "__traceiter_sock_recv_length",
    ],
    structures: [
      "fd": ["word": nil], "proto": ["recvmsg": 5, "sendmsg": 3],
      "proto_ops": ["recvmsg": 4, "splice_eof": 1], "net_hotdata": ["rps_sock_flow_table": nil],
    ],
    enumerators: ["ITER_UBUF"])

  @Test(arguments: [("6.1", linux6_1, "6.1.192"), ("6.12", linux6_12, "6.12.117")])
  func typesSayWhatHeadersSay(series: String, facts: KernelFacts, version: String) throws {
    guard let headers = StubTools.headers(of: series) else {
      return skipped("no headers of Debian's \(series) kernel")
    }
    let common = headers.path.replacing("-amd64", with: "-common")
    var files: [String: String] = [:]
    for path in KernelFeatures.headers {
      files[path] = try? String(contentsOfFile: "\(common)/\(path)", encoding: .utf8)
    }
    let byHeaders = try KernelFeatures(of: KernelTree(files: files, features: .linux6_1))
    #expect(!byHeaders.disagrees(with: try KernelFeatures(facts)))
    // The same where the image shows who asks fanotify, in place of a sign for it.
    let image = try CallLists(objdump: version)
    #expect(!byHeaders.disagrees(with: try KernelFeatures(facts, image: image)))
  }

  /// Before 5.19 `recvmsg` took whether to block, before 6.0 there were no iterators of one buffer.
  @Test func olderKernels() throws {
    var facts = Self.linux6_1
    facts.structures["proto"]?["recvmsg"] = 6
    facts.enumerators = []
    facts.structures["proto_ops"]?["splice_eof"] = nil
    let features = try KernelFeatures(facts)
    #expect(features.recvmsgTakesNonblock && !features.iteratesBuffers)
    #expect(!features.masksInternalFlags && !features.descriptorIsWord)
  }

  /// The image's code is asked before the sign.
  @Test func theImageSaysWhoAsksFanotify() throws {
    let (old, new) = (try CallLists(objdump: "6.1.192"), try CallLists(objdump: "6.12.117"))
    #expect(try !KernelFeatures(Self.linux6_12, image: old).fanotifyBesideLSM)
    #expect(try KernelFeatures(Self.linux6_1, image: new).fanotifyBesideLSM)
  }

  @Test(arguments: ["fd", "proto", "proto_ops"])
  func typesThatLackWhatStubsUseAreRefused(structure: String) {
    var facts = Self.linux6_12
    facts.structures[structure] = nil
    #expect(throws: EmitError.missingInKernelTypes(structure: structure)) {
      try KernelFeatures(facts)
    }
  }
}
