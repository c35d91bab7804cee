import Foundation
import Profiler
import ShortcutGen

/// What a folder says of its shortcuts: a function of the document and the picture.
struct ReportFiles {
  let document: ShortcutDocument
  let templates: TemplateSet

  /// `shortcuts.json`.
  func json() throws -> GeneratedFile {
    GeneratedFile(path: "shortcuts.json", bytes: try encodeJSON(document))
  }

  /// `report.md`.
  func markdown() throws -> GeneratedFile {
    GeneratedFile(path: "report.md", contents: try text(.markdown))
  }

  /// `report.html` with its flame graph, an SVG.
  func page(_ flameGraph: String) throws -> GeneratedFile {
    GeneratedFile(path: "report.html", contents: try text(.page(flameGraph: flameGraph)))
  }

  /// All of them.
  ///
  /// - Parameter flameGraph: an SVG.
  func all(_ flameGraph: String) throws -> [GeneratedFile] {
    [try markdown(), try page(flameGraph), try json()]
  }

  private func text(_ form: Report.Form) throws -> String {
    try Report(document, templates: templates, toolVersion: Version.current, form: form).text()
  }
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
