import ShortcutGen
import Testing

struct StubPolicyTests {
  @Test func faithfulKeepsEverything() {
    #expect(SideEffect.allCases.allSatisfy(StubPolicy.faithful.keeps))
    #expect(StubPolicy.faithful.description == "faithful")
    #expect(StubPolicy.faithful.guards)
  }

  @Test func leanDropsExactlyWhatIsNamed() {
    let policy = StubPolicy.lean(dropping: [.rps, .lsm])
    #expect(SideEffect.allCases.filter { !policy.keeps($0) } == [.lsm, .rps])
    #expect(policy.description == "lean --drop lsm,rps")
  }

  @Test func aStubWithoutGuardsSaysSo() {
    let policy = StubPolicy(dropping: [], guards: false)
    #expect(policy.description == "faithful --no-guards")
  }
}
