import Foundation
import TestSupport
import Testing

@testable import ShortcutGen

/// Benchmarks' and perf stat's texts as they print them, and intervals of few measurements.
@Suite struct ComparisonTests {
  @Test(arguments: [
    ("kvclient: 40000 requests in 0.30 s = 134271/s (conns=4 pipeline=4)", 134_271.0),
    ("SET: 90909.09 requests per second, p50=0.111 msec", 90_909.09),
    ("Requests/sec:  18423.11", 18_423.11),
    ("Requests per second:    1,234.56 [#/sec] (mean)", 1234.56),
    ("    transactions:                        12000  (1199.63 per sec.)", 1199.63),
    ("Throughput: 512.5 ops/sec", 512.5), ("rate 77 MB/s", 77),
  ])
  func ratesAreFound(line: String, rate: Double) {
    #expect(Throughput(line).runs.map(\.perSecond) == [rate])
  }

  @Test(arguments: ["", "Latency  1.2ms", "SET: rps=0.0", "= /s", "0/s"])
  func otherLinesAreNot(line: String) { #expect(Throughput(line).runs.isEmpty) }

  /// Runs of one load differ in what was measured only.
  @Test func loadsAreTheLinesWithoutWhatWasMeasured() {
    let text = """
      client: 40000 requests in 0.28 s = 141174/s (conns=4)
      client: 40000 requests in 0.29 s = 137851/s (conns=4)
      client: 20000 requests in 0.51 s = 39326/s (conns=1)
      """
    let throughput = Throughput(text)
    #expect(throughput.loads.count == 2)
    #expect(throughput.rates(of: throughput.loads[0]) == [141_174, 137_851])
    #expect(throughput.loads[1] == "client: 20000 requests in # s = #/s (conns=1)")
  }

  /// t for 95 %, as tables have it.
  @Test(arguments: [(1.0, 12.7062), (2, 4.30265), (9, 2.26216), (30, 2.04227), (1000, 1.96234)])
  func quantilesAreStudents(freedom: Double, t: Double) {
    #expect(abs(Student.quantile(freedom) / t - 1) < 1e-4)
  }

  /// Pairs of 1 % and 3 % gain: mean of logarithms 1.995 %, standard error 0.9804 %, t 12.706.
  @Test func runsOfOneScriptArePairs() throws {
    func text(_ rates: [Double]) -> Throughput {
      Throughput(rates.map { "\($0)/s" }.joined(separator: "\n"))
    }
    let change = try #require(
      ThroughputChange.changes(text([100, 200]), text([101, 206])).first)
    #expect(abs(change.gain - ((1.01 * 1.03).squareRoot() - 1)) < 1e-6)
    let interval = try #require(change.interval)
    let (mean, error) = ((log(1.01) + log(1.03)) / 2, (log(1.03) - log(1.01)) / 2)
    #expect(abs(interval.low95 - (exp(mean - 12.7062 * error) - 1)) < 1e-5)
    #expect(abs(interval.high95 - (exp(mean + 12.7062 * error) - 1)) < 1e-5)
    let single = ThroughputChange.changes(text([100]), text([101])).first
    #expect(single?.interval == nil && single?.gain == 0.01)
  }

  /// The same three counters in each of perf stat's formats.
  @Test(arguments: [
    """
     Performance counter stats for 'kvclient 4 4' (5 runs):

              1,012.34 msec task-clock                #    0.998 CPUs utilized    ( +-  0.50% )
         1,234,567,890      cycles:u                  #    1.220 GHz              ( +-  0.25% )
         2,469,135,780      instructions:u            #    2.00  insn per cycle   ( +-  0.01% )
       <not supported>      LLC-loads

               1.01437 +- 0.00512 seconds time elapsed  ( +-  0.50% )
    """,
    """
    # started on Wed Nov 25 2026

    1012.34,msec,task-clock,0.50%,1012340000,100.00,0.998,CPUs utilized
    1234567890,,cycles:u,0.25%,1012340000,100.00,1.220,GHz
    2469135780,,instructions:u,0.01%,1012340000,100.00,2.00,insn per cycle
    <not supported>,,LLC-loads,0.00%,0,100.00,,
    """,
    """
    {"counter-value" : "1012.340000", "unit" : "msec", "event" : "task-clock", "variance" : 0.50, "event-runtime" : 1012340000, "pcnt-running" : 100.00, "metric-value" : 0.998, "metric-unit" : "CPUs utilized"}
    {"counter-value" : "1234567890.000000", "unit" : "", "event" : "cycles:u", "variance" : 0.25, "event-runtime" : 1012340000, "pcnt-running" : 100.00}
    {"counter-value" : "2469135780.000000", "unit" : "", "event" : "cpu/instructions/u", "variance" : 0.01, "event-runtime" : 1012340000, "pcnt-running" : 100.00}
    {"counter-value" : "<not supported>", "unit" : "", "event" : "LLC-loads", "pcnt-running" : 0.00}
    """,
  ])
  func countersOfEachFormat(text: String) {
    let counters = Counters(text).counters
    #expect(counters.map(\.event) == ["task-clock", "cycles", "instructions"])
    #expect(counters.map(\.value) == [1012.34, 1_234_567_890, 2_469_135_780])
    #expect(counters.map(\.error) == [0.5, 0.25, 0.01])
  }

  /// perf writes numbers as the user's language does.
  @Test(arguments: [
    """
         1.234.567      cycles:u                  #    1,905 GHz      ( +-  0,25% )
            12.345      branch-misses:u           ( +-  1,50% )
              1,05 msec task-clock                ( +-  0,50% )
    """,
    """
         1\u{202F}234\u{202F}567      cycles        ( +-  0,25% )
            12\u{A0}345      branch-misses        ( +-  1,50% )
              1,05 msec task-clock                ( +-  0,50% )
    """,
    """
         1’234’567      cycles        ( +-  0.25% )
            12’345      branch-misses        ( +-  1.50% )
              1.05 msec task-clock                ( +-  0.50% )
    """,
    """
    1234567;;cycles;0,25%;1000000;100,00;1,9;GHz
    12345;;branch-misses;1,50%;1000000;100,00;;
    1,05;msec;task-clock;0,50%;1000000;100,00;;
    """,
  ])
  func countersOfEachLanguage(text: String) {
    let counters = Counters(text).counters
    #expect(counters.map(\.event) == ["cycles", "branch-misses", "task-clock"])
    #expect(counters.map(\.value) == [1_234_567, 12_345, 1.05])
    #expect(counters.map(\.error) == [0.25, 1.5, 0.5])
  }

  /// Two kinds of cores count one event together.
  @Test func eventsOfHybridProcessorsAreAdded() throws {
    let counters = Counters(
      """
           3,000      cpu_atom/cycles/u          ( +-  4.00% )
           9,000      cpu_core/cycles/u          ( +-  1.00% )
      <not counted>   cpu_atom/instructions/
           7,000      cpu_core/instructions/
      """)
    #expect(counters.counters.map(\.event) == ["cycles", "instructions"])
    #expect(counters.counters.map(\.value) == [12_000, 7_000])
    #expect(abs(try #require(counters.counters[0].error) - 1.25) < 1e-9)
  }

  /// perf 6.1's own output where no hardware counter is: `dd`, five runs, in each of its formats.
  @Test(arguments: ["plain", "comma", "semicolon", "json"], [false, true])
  func countersOfRealOutput(format: String, isRepeated: Bool) throws {
    let name = isRepeated ? "repeated-\(format)" : format
    let text = try String(
      contentsOf: Place.fixtures.appending(path: "perf-stat/\(name).txt"), encoding: .utf8)
    let counters = Counters(text).counters
    let events = ["cpu-clock", "task-clock", "context-switches", "page-faults"]
    #expect(counters.map(\.event) == events)
    #expect(counters[0].value > 5 && counters[0].value < 50, "milliseconds")
    #expect((75...90).contains(counters[3].value))
    #expect(counters.allSatisfy { ($0.error != nil) == isRepeated })
  }

  /// Intervals and CPUs are parts of one number: 10 + 20, whatever prints them.
  @Test(arguments: [
    "1.000,10,,cycles,1,100.00,,\n2.000,20,,cycles,1,100.00,,",
    "CPU0,10,,cycles,1,100.00,,\nCPU1,20,,cycles,1,100.00,,",
    "S0-D0-C0,1,10,,cycles,1,100.00,,\nS0-D0-C1,1,20,,cycles,1,100.00,,",
    #"{"interval" : 1.0, "counter-value" : "10.0", "event" : "cycles"}"# + "\n"
      + #"{"interval" : 2.0, "counter-value" : "20.0", "event" : "cycles"}"#,
    #"{"cpu" : "0", "counter-value" : "10.0", "event" : "cycles"}"# + "\n"
      + #"{"cpu" : "1", "counter-value" : "20.0", "event" : "cycles"}"#,
  ])
  func partsAreAdded(text: String) {
    #expect(Counters(text).counters == [Counters.Counter(event: "cycles", value: 30, error: nil)])
  }

  @Test func recordingsCountWhatTheirSamplesStandFor() {
    let counters = Counters(recorded: [
      ("instructions:u", 2_000_000), ("cycles:u", 1_000_000), ("LLC-loads", 0),
    ])
    #expect(counters.counters.map(\.event) == ["instructions", "cycles"])
    let changes = CounterChange.changes(counters, counters)
    #expect(changes.last?.name == "instructions per cycle" && changes.last?.before == 2)
  }

  @Test func ratiosOfTheThesis() throws {
    func counters(_ instructions: Int, _ cycles: Int) -> Counters {
      Counters("\(instructions),,instructions,1,100.00,,\n\(cycles),,cycles,1,100.00,,")
    }
    let changes = CounterChange.changes(counters(200, 100), counters(150, 100))
    #expect(changes.map(\.name) == ["instructions", "cycles", "instructions per cycle"])
    #expect(changes.map(\.change) == [-0.25, 0, -0.25])
    #expect(changes[2].before == 2 && changes[2].after == 1.5 && changes[2].interval == nil)
  }

  @Test(arguments: ["", "{", "{\"event\":1}", ",,,,,,", "1,2,3", "9e999,,cycles,1,1,1", "x cycles"])
  func otherTextHasNoCounters(text: String) { #expect(Counters(text).counters.isEmpty) }
}
