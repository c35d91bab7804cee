import Testing

@testable import ShortcutGen

/// Costs of another kernel in the catalogue's place.
@Suite struct MeasuredCostsTests {
  private func costs(_ rows: String) throws -> MeasuredCosts {
    try MeasuredCosts(Array(#"{"schema": 1, "kernel": "6.12", "costs": [\#(rows)]}"#.utf8))
  }

  /// 6.12 saves 173 in a TCP read (kernel facts); the stub's own 99 stay.
  @Test func measuredRowsReplaceTheCatalogues() throws {
    let rows = #"""
      {"family": "tcp", "moves": "read", "size": 64, "systemCall": 2000, "body": 1700,
       "faithful": 1000, "unguarded": 900},
      {"family": "tcp", "moves": "read", "size": 1, "systemCall": 1700, "body": 1450,
       "faithful": 1277, "unguarded": 1265}
      """#
    let catalog = try OperationCatalog().replacing(try costs(rows))
    let tcp = catalog.target("tcp_recvmsg", moves: "read")
    #expect(catalog.skippedByStub(of: tcp, moves: "read") == 173 + 99)
    #expect(
      catalog.skippedByStub(of: catalog.target("tcp_sendmsg", moves: "write"), moves: "write")
        == 205 + 99)
    #expect(catalog.spentByStub(.stub(StubPolicy(dropping: [], guards: false))) == 99 - 12)
    #expect(abs(catalog.keptByDirectCall - (1 - 16 / 250.0)) < 1e-9)
  }

  @Test(arguments: [
    "", "{}", "[1]", #"{"schema": 2, "kernel": "", "costs": []}"#,
    #"{"schema": 1, "kernel": "", "costs": [{"family": "tcp"}]}"#,
    #"{"schema": 1, "kernel": "", "costs": [{"family": "tcp", "moves": "read", "size": 1, "systemCall": 1, "body": 2, "faithful": 3}]}"#,
  ])
  func otherFilesAreRefused(json: String) {
    #expect(throws: AnalysisError.self) { try MeasuredCosts(Array(json.utf8)) }
  }
}
