/// What is generated from an analysis: a function of the plan and the settings, and of nothing else,
/// so that `analyze` and `generate` write the same.
public struct Generation: Sendable {
  /// How the files are to be.
  public struct Settings: Sendable {
    /// The tree that the patch is for, and what the stubs are fitted to.
    public var tree = KernelTree.patchSet
    /// How the application's side is spelled.
    public var application: ApplicationSpelling
    /// Whether the stubs are also written as a module.
    public var hasModule = false

    /// The patch set's tree, and no module.
    public init(_ application: ApplicationSpelling) { self.application = application }
  }

  private let plan: ShortcutPlan
  private let provenance: Provenance
  private let settings: Settings
  private let generator: StubGenerator

  /// Prepares what a document's recording and a plan give.
  ///
  /// - Throws: ``PlanError`` where the plan is empty, ``TemplateError``.
  public init(
    _ plan: ShortcutPlan, of document: ShortcutDocument, _ settings: Settings,
    templates: TemplateSet, toolVersion: String
  ) throws {
    guard !plan.entries.isEmpty else { throw PlanError.nothing }
    self.plan = plan
    self.settings = settings
    provenance = Provenance(
      toolVersion: toolVersion, kernelRelease: document.recording.kernel,
      buildID: document.recording.buildID, event: document.event,
      samples: Int(clamping: document.recording.samples))
    generator = try StubGenerator(templates: templates, policy: plan.policy)
  }

  /// `kernel/`, `app/` and, if asked for, `module/`.
  ///
  /// - Throws: ``EmitError`` for names that can't stand in C and trees that lack a file.
  public func files() throws -> [GeneratedFile] {
    let application = settings.application
    let transition = try TransitionNames(
      exitUser: application.exitUser, enterUser: application.enterUser)
    var files = try generator.kernelFiles(
      for: plan.stubs, provenance: provenance, tree: settings.tree)
    files += try generator.applicationFiles(
      for: plan.stubs, provenance: provenance, transition: transition,
      errnoConvention: application.return)
    if settings.hasModule {
      files += try generator.moduleFiles(
        for: plan.stubs, provenance: provenance, features: settings.tree.features,
        transition: transition)
    }
    return files
  }

  /// The files of the kernel tree as they are once the patch is applied.
  public func treeFiles() throws -> [GeneratedFile] {
    try generator.treeFiles(for: plan.stubs, provenance: provenance, tree: settings.tree)
  }
}
