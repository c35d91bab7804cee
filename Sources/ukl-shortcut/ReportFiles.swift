import Foundation
import Profiler
import ShortcutGen

/// What `analyze` writes about an analysis, and `verify` writes again.
func reports(
  _ document: ShortcutDocument, flameGraph: String, _ templates: TemplateSet
) throws -> [GeneratedFile] {
  func report(_ form: Report.Form) throws -> String {
    try Report(document, templates: templates, toolVersion: Version.current, form: form).text()
  }
  return [
    GeneratedFile(path: "report.md", contents: try report(.markdown)),
    GeneratedFile(path: "report.html", contents: try report(.page(flameGraph: flameGraph))),
    GeneratedFile(path: "shortcuts.json", bytes: try encodeJSON(document)),
    GeneratedFile(path: "flamegraph.svg", contents: flameGraph),
  ]
}

extension Session {
  /// The day of the recording, in UTC: its clock's, else the one on which its file was written.
  var date: String? {
    let clock = profile.features.clock.map {
      Date(timeIntervalSince1970: Double($0.timeOfDay) / 1e9)
    }
    let written =
      try? FileManager.default.attributesOfItem(atPath: input.recording)[.modificationDate] as? Date
    return (clock ?? written).map { $0.formatted(.iso8601.year().month().day()) }
  }
}
