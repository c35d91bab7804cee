import Testing

@testable import ShortcutGen

/// Costs of another kernel in the catalogue's place.
@Suite struct MeasuredCostsTests {
  private func costs(_ rows: String) throws -> MeasuredCosts {
    let kernels = #"{"release": "6.1", "costs": []}, {"release": "6.12", "costs": [\#(rows)]}"#
    return try MeasuredCosts(Array(#"{"schema": 1, "kernels": [\#(kernels)]}"#.utf8))
  }

  private static let recvfrom = #"""
    {"stub": "shortcut_tcp_recvfrom", "family": "tcp", "call": "recvfrom", "moves": "read",
     "size": 1, "systemCall": 1700, "body": 1450, "faithful": 1390, "lean": null, "unguarded": 1378}
    """#

  private static let read = #"""
    {"stub": "shortcut_tcp_read", "family": "tcp", "call": "read", "moves": "read", "size": 64,
     "systemCall": 2000, "body": 1700, "faithful": 1000, "lean": null, "unguarded": 900},
    {"stub": "shortcut_tcp_read", "family": "tcp", "call": "read", "moves": "read", "size": 1,
     "systemCall": 1700, "body": 1450, "faithful": 1277, "lean": 980, "unguarded": 1265}
    """#

  /// 6.12 saves 173 in a TCP read (kernel facts); the stub's own 99 stay.
  @Test func measuredRowsReplaceTheCatalogues() throws {
    let measured = try costs("\(Self.read), \(Self.recvfrom)")
    #expect(measured.kernel == "6.12")
    let catalog = try OperationCatalog().replacing(measured)
    let tcp = catalog.target("tcp_recvmsg", moves: "read")
    #expect(catalog.skippedByStub(of: tcp, call: "read", moves: "read") == 173 + 99)
    #expect(catalog.skippedByStub(of: tcp, call: "recvfrom", moves: "read") == 60 + 99)
    #expect(catalog.skippedByStub(of: tcp, call: "recvmsg", moves: "read") == 173 + 99)
    #expect(
      catalog.skippedByStub(
        of: catalog.target("tcp_sendmsg", moves: "write"), call: "write", moves: "write")
        == 205 + 99)
    #expect(catalog.spentByStub(.stub(StubPolicy(dropping: [], guards: false))) == 99 - 12)
    #expect(abs(catalog.keptByDirectCall - (1 - 16 / 250.0)) < 1e-9)
  }

  @Test(arguments: [
    "", "{}", "[1]", #"{"schema": 2, "kernels": []}"#, #"{"schema": 1, "kernels": []}"#,
    #"{"schema": 1, "kernels": [{"release": "", "costs": []}]}"#,
    #"{"schema": 1, "kernels": [{"release": "", "costs": [{"family": "tcp"}]}]}"#,
    #"{"schema": 1, "kernels": [{"release": "", "costs": [{"stub": "s", "family": "tcp", "call": "read", "moves": "read", "size": 1, "systemCall": 1, "body": 2, "faithful": 3}]}]}"#,
  ])
  func otherFilesAreRefused(json: String) {
    #expect(throws: AnalysisError.self) { try MeasuredCosts(Array(json.utf8)) }
  }
}
