import Foundation
import ShortcutGen

/// Everything that is made anew from a `shortcuts.json`.
struct Regeneration {
  let plan: ShortcutPlan
  let generation: Generation
  /// Stubs, and the application's side.
  let code: [GeneratedFile]
  /// What the application's sources, if they are named, give.
  let application: ApplicationPatch?
  private let document: ShortcutDocument
  private let fit: KernelFit
  private let templates: TemplateSet

  /// - Throws: ``PlanError`` where the plan is empty, ``EmitError``, ``TemplateError``.
  init(
    of given: ShortcutDocument, _ plan: ShortcutPlan, _ fit: KernelFit, templates: TemplateSet,
    hasModule: Bool, applicationSource: String?
  ) throws {
    var document = given.under(plan.policy)
    let ids = plan.entries.flatMap(\.candidates).map(\.id).sorted()
    document.selected = ids == given.shortcuts.sorted() ? nil : ids
    (document.plan, document.fit, document.application) = (plan.id, fit.stated, given.spelling)
    (self.plan, self.document, self.fit, self.templates) = (plan, document, fit, templates)
    var settings = Generation.Settings(given.spelling)
    (settings.tree, settings.hasModule) = (fit.tree, hasModule)
    generation = try Generation(
      plan, of: document, settings, templates: templates, toolVersion: Version.current)
    application = try applicationSource.map { try ApplicationPatch(plan, source: $0) }
    code = try generation.files() + [application?.patch].compactMap(\.self)
  }

  /// Reports and `shortcuts.json` for what is generated; those that can't be made are left as they are,
  /// and it is said.
  ///
  /// - Parameter analysis: the folder with the flame graph, and perhaps what `verify` found.
  func reports(
    _ analysis: OutputFolder, _ diagnostics: Diagnostics
  ) throws -> [GeneratedFile] {
    let maker = ReviewMaker(
      files: code, places: application?.reviews ?? document.reviewedPlaces, policy: plan.policy,
      features: fit.tree.features)
    let run = analysis.text("verify.json").flatMap {
      try? JSONDecoder().decode(Verification.self, from: Data($0.utf8))
    }
    let reviewed = (application?.located(document) ?? document).reviewed(maker)
      .verified(by: run, of: code)
    let reports = ReportFiles(document: reviewed, templates: templates)
    guard document.facts != nil else {
      diagnostics.note("the reports are left as they are: shortcuts.json is of an earlier version")
      return [try reports.json()]
    }
    guard let picture = analysis.text("flamegraph.svg") else {
      diagnostics.note("report.html is left as it is: no flamegraph.svg lies beside shortcuts.json")
      return [try reports.markdown(), try reports.json()]
    }
    return try reports.all(picture)
  }

  /// Stubs that the folder's `app.patch` calls and `ukl_shortcut.h` hasn't, sorted.
  func missing(in folder: OutputFolder) -> [String] {
    let patch = folder.text(ApplicationPatch.path) ?? ""
    let header = code.first { $0.path == "app/ukl_shortcut.h" }?.contents ?? ""
    func names(_ text: String) -> Set<Substring> {
      Set(text.matches(of: /\bukl_shortcut_[a-z0-9_]+/).map(\.output))
    }
    let added = patch.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("+") }
    return names(added.joined(separator: "\n")).subtracting(names(header)).map(String.init).sorted()
  }
}
