import ShortcutGen
import Testing

/// Names come from somebody else's recording or command line.
@Suite struct StubHostileNameTests {
  @Test(arguments: [
    "", "1st", "a-b", "exit user", "f(); evil", "tcp_recvmsg.isra.0", "größe", "int", "a\nb",
    String(repeating: "x", count: 129),
  ])
  func transitionNameMustBeAnIdentifier(_ name: String) {
    #expect(throws: EmitError.self) {
      try TransitionNames(exitUser: name, enterUser: "enter_user")
    }
    #expect(throws: EmitError.self) {
      try TransitionNames(exitUser: "exit_user", enterUser: name)
    }
  }

  @Test func knownPairsAreFoundAmongSymbols() {
    #expect(TransitionNames.known(in: ["enter_ukl_user", "enter_ukl_kernel", "x"]) == .rfc2022)
    #expect(TransitionNames.known(in: ["enter_user", "exit_user"]) == .thesis)
    #expect(TransitionNames.known(in: ["enter_user", "enter_ukl_user"]) == nil)
  }

  /// Whatever stands in a recording, the code below the comments stays the same.
  @Test(arguments: [
    "*/ int evil; /*", "a\n#error evil\n", "*\u{0}/", "\r\n*/", "/*/", "\u{202E}*/", "?\\",
    "*\\\n/",
    "{{toolVersion}}", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b", String(repeating: "*/", count: 400),
  ])
  func textStaysInsideItsComment(_ text: String) throws {
    let hostile = StubRequest(
      kind: StubSamples.kind("shortcut_tcp_read"), trunk: [text], evidence: [text], planIDs: [text])
    let origin = Provenance(
      toolVersion: text, kernelRelease: text, buildID: text, event: text, samples: 1)
    let files = try StubGenerator().kernelFiles(for: [hostile], provenance: origin)
    let plain = try StubSamples.kernelFiles([StubSamples.read])
    let source = "kernel/net/ipv4/ukl_shortcut_tcp.c"
    #expect(files.text(of: source).withoutComments == plain.text(of: source).withoutComments)
    let header = "kernel/include/linux/ukl_shortcut.h"
    #expect(files.text(of: header).withoutComments == plain.text(of: header).withoutComments)
  }

  @Test func duplicatesAndNothingAreRefused() {
    #expect(throws: EmitError.noStubs) { try StubSamples.kernelFiles([]) }
    #expect(throws: EmitError.duplicateStub("shortcut_tcp_read")) {
      try StubSamples.kernelFiles([StubSamples.read, StubSamples.read])
    }
  }
}

extension String {
  /// The text without `/* … */`, as a compiler sees it.
  fileprivate var withoutComments: String {
    var out = ""
    var rest = self[...]
    while let open = rest.firstRange(of: "/*") {
      out += rest[..<open.lowerBound]
      guard let close = rest[open.upperBound...].firstRange(of: "*/") else { return out + "OPEN" }
      rest = rest[close.upperBound...]
    }
    return out + rest
  }
}
