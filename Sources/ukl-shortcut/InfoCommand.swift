import ArgumentParser
import Foundation
import Profiler
import ShortcutGen

struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what is in a recording: events, records, machine, health.",
    discussion: "Example:\n  ukl-shortcut info perf.data --json | jq .records")

  @OptionGroup var input: InputOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let session = try Session(input, needsSymbols: false)
    let info = RecordingInfo(session.profile, file: input.recording)
    try writeOutput(json ? try encodeJSON(info) : Array(info.text.utf8), to: nil)
  }
}

/// What `info` says; the names are the JSON's.
struct RecordingInfo: Encodable {
  let file: String
  let mode: String
  let events: [Event]
  let records: [String: UInt64]
  let machine: Machine
  let header: Header
  let health: Health

  struct Event: Encodable {
    let name: String
    let samples: Int
    /// Sum of the samples' periods.
    let weight: UInt64
    let description: Description
  }

  /// The event's attribute, in perf's words.
  struct Description: Encodable {
    let type: UInt32
    let config: UInt64
    @ExplicitNull var period: UInt64?
    /// In Hz, where the period is not fixed.
    @ExplicitNull var frequency: UInt64?
    let sampleType: [String]
    let readFormat: [String]
    let ids: Int
  }

  struct Machine: Encodable {
    @ExplicitNull var hostname: String?
    @ExplicitNull var release: String?
    @ExplicitNull var arch: String?
    @ExplicitNull var cpu: String?
    @ExplicitNull var cpus: UInt32?
    @ExplicitNull var memory: UInt64?
    @ExplicitNull var perf: String?
    let command: [String]
  }

  struct Health: Encodable {
    let lost: UInt64
    let lostSamples: UInt64
    let throttled: UInt64
    let skipped: [Skipped]
    let unknownRecords: UInt64
    @ExplicitNull var truncatedAt: UInt64?
    let auxtraceBytes: UInt64
    let auxSamples: UInt64
    let unfinishedChains: UInt64
    let foreignStacks: UInt64
  }

  struct Skipped: Encodable {
    let offset: UInt64
    let reason: String
  }

  init(_ profile: Profile, file: String) {
    self.file = file
    mode = profile.isDirectory ? "directory" : profile.isPipe ? "pipe" : "file"
    events = Self.events(profile)
    records = Self.records(profile)
    machine = Machine(profile.features)
    header = Header(profile)
    health = Health(profile.health)
  }

  private static func events(_ profile: Profile) -> [Event] {
    profile.totals.enumerated().map { event, total in
      Event(
        name: profile.eventName(event), samples: total.samples, weight: total.period,
        description: Description(profile.attributes[event]))
    }
  }

  /// By perf's names; a number for a type that has none.
  private static func records(_ profile: Profile) -> [String: UInt64] {
    let pairs = profile.recordCounts.map { ($0.key.name ?? "\($0.key.rawValue)", $0.value) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}

extension RecordingInfo.Description {
  init(_ attribute: EventAttribute) {
    self.init(
      type: attribute.type, config: attribute.config,
      period: attribute.isFrequency ? nil : attribute.samplePeriod,
      frequency: attribute.isFrequency ? attribute.samplePeriod : nil,
      sampleType: attribute.sampleType.names, readFormat: attribute.readFormat.names,
      ids: attribute.ids.count)
  }

  /// For people.
  var text: String {
    let every = frequency.map { "\($0) Hz" } ?? "period \(period ?? 0)"
    return "\(every), \(sampleType.joined(separator: "|"))"
  }
}

extension RecordingInfo.Machine {
  init(_ features: FeatureSections) {
    self.init(
      hostname: features.hostname, release: features.osRelease, arch: features.arch,
      cpu: features.cpuDescription, cpus: features.cpusOnline, memory: features.totalMemory,
      perf: features.perfVersion, command: features.commandLine)
  }
}

extension RecordingInfo.Health {
  init(_ health: ReadHealth) {
    self.init(
      lost: health.lost, lostSamples: health.lostSamples, throttled: health.throttled,
      skipped: health.skipped.map { .init(offset: $0.fileOffset, reason: "\($0)") },
      unknownRecords: health.unknownRecords, truncatedAt: health.truncatedAt,
      auxtraceBytes: health.auxtraceBytes, auxSamples: health.auxSamples,
      unfinishedChains: health.unfinishedChains, foreignStacks: health.foreignStacks)
  }
}

extension RecordingInfo {
  /// For people.
  var text: String {
    var lines: [(String, String)] = [("file", file)]
    func add(_ name: String, _ value: String?) { if let value { lines.append((name, value)) } }
    add("host", machine.hostname)
    add("kernel", machine.release)
    add("machine", machine.arch)
    add("cpu", machine.cpu.map { name in "\(name)\(machine.cpus.map { ", \($0) online" } ?? "")" })
    add("memory", machine.memory.map { "\($0) kB" })
    add("perf", machine.perf)
    add("command", machine.command.isEmpty ? nil : machine.command.joined(separator: " "))
    for event in events {
      add(
        "event",
        "\(event.name): \(event.samples) samples, weight \(event.weight); \(event.description.text)"
      )
    }
    for (name, value) in header.lines { add(name, value) }
    for (name, count) in records.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      add("records", "\(count) \(name)")
    }
    return lines.map { "\($0.padding(toLength: 9, withPad: " ", startingAt: 0))\(printable($1))\n" }
      .joined()
  }
}
