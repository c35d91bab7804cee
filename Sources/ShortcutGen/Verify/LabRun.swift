/// What one call of `lab/verify` found.
public struct LabRun: Sendable {
  /// The kernel's release, where it is one of Debian's.
  public private(set) var kernel: String?
  /// How many scenarios each module was to run.
  public private(set) var scenarios = 0
  /// By module.
  public private(set) var modules: [String: ModuleResult] = [:]
  /// What calls cost, where that was measured.
  public var costs: [CallCost] { CallCost.rows(costLines) }
  private var costLines: [LabLine] = []
  /// What the kernel said of itself.
  public private(set) var complaints: [String] = []

  /// Nothing yet.
  public init() {}

  /// Adds a line.
  public mutating func add(_ line: LabLine) {
    if let kernel = line.kernel { self.kernel = kernel }
    if let scenarios = line.scenarios { self.scenarios = scenarios }
    if let complaint = line.complaint { complaints.append(complaint) }
    if line.cost != nil { costLines.append(line) }
    if let module = line.module, line.cost == nil {
      modules[module, default: ModuleResult()].add(line)
    }
  }

  /// Takes another run's results of modules in the place of these.
  public mutating func replaceModules(with other: LabRun) {
    modules.merge(other.modules) { $1 }
  }

  /// How many scenarios have a result.
  public var count: Int { modules.values.reduce(0) { $0 + $1.sum(\.count) } }
}
