/// What trunk functions do and call: `Catalog/calls.yaml`, whose head describes the form.
struct TrunkCalls: Sendable {
  /// What becomes of a call.
  enum Answer: Sendable, Equatable {
    /// The way goes on there.
    case frame
    /// It has these effects: one of each list needs a row in the ledger.
    case effects([[String]])
    /// A fact keeps it from being made or from mattering.
    case impossible(String)
    /// Nothing that a caller could miss.
    case noise
  }

  /// A function whose body has been read.
  struct Frame: Sendable {
    /// Effects of the body: one of each list needs a row in the ledger.
    let does: [[String]]
    /// By the function called.
    let calls: [String: Answer]
    /// The function of the other IP version.
    let twin: String?
    /// Whether stubs call it, so that nothing in it is skipped.
    let isCalled: Bool
  }

  private var frames: [String: Frame] = [:]
  private var noise: Set<String> = []
  private var noisePrefixes: [String] = []

  init(_ data: TrunkCallsData) {
    for frame in data.frames {
      let made = Frame(
        does: frame.does.map(\.names), calls: frame.calls.mapValues(\.answer), twin: frame.twin,
        isCalled: frame.called ?? false)
      for function in frame.functions { frames[function] = made }
    }
    for name in data.noise.flatMap(\.functions) {
      if name.hasSuffix("*") {
        noisePrefixes.append(String(name.dropLast()))
      } else {
        noise.insert(name)
      }
    }
    noisePrefixes.sort()
  }

  /// Stands in `calls.yaml` for each system call's own function.
  static let definition = "SYSCALL_DEFINE"

  /// A frame by its name without suffixes; nil where nobody has read the body.
  subscript(function: String) -> Frame? { frames[function] }

  /// Every effect that a frame or a call has.
  var effects: Set<String> {
    let calls = frames.values.flatMap(\.calls.values).flatMap { answer -> [[String]] in
      if case .effects(let lists) = answer { lists } else { [] }
    }
    return Set((frames.values.flatMap(\.does) + calls).joined())
  }

  /// What becomes of a call of a frame, or of a frame that may have been put into it.
  ///
  /// - Parameter isOnTheWay: whether a frame can be on the way at all.
  func answer(
    to callee: String, from frame: String, where isOnTheWay: (String) -> Bool = { _ in true }
  ) -> Answer? {
    if isNoise(callee) { return .noise }
    for function in inlinable(into: frame, where: isOnTheWay) {
      if let answer = frames[function]?.calls[callee] { return answer }
    }
    return nil
  }

  /// A frame, the frames that it calls, those that they call and so on, by distance.
  func inlinable(into frame: String, where isOnTheWay: (String) -> Bool) -> [String] {
    var found = [frame]
    var next = 0
    while next < found.count {
      let calls = frames[found[next]]?.calls ?? [:]
      for (callee, answer) in calls.sorted(by: { $0.key < $1.key })
      where answer == .frame && !found.contains(callee) && isOnTheWay(callee) {
        found.append(callee)
      }
      next += 1
    }
    return found
  }

  private func isNoise(_ name: String) -> Bool {
    noise.contains(name) || noisePrefixes.contains(where: name.hasPrefix)
  }
}

/// The form of `calls.yaml`.
struct TrunkCallsData: Decodable {
  struct FrameData: Decodable {
    let functions: [String]
    let does: [OneOrMore]
    let calls: [String: CallData]
    let twin: String?
    let called: Bool?
  }

  struct NoiseData: Decodable {
    let functions: [String]
    let why: String
  }

  /// A name, or a list of which one is needed.
  struct OneOrMore: Decodable {
    let names: [String]

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let name = try? value.decode(String.self) {
        names = [name]
      } else {
        names = try value.decode([String].self)
      }
    }
  }

  struct CallData: Decodable {
    let answer: TrunkCalls.Answer

    private struct Fact: Decodable { let impossible: String }

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let effects = try? value.decode([OneOrMore].self) {
        answer = .effects(effects.map(\.names))
      } else if let fact = try? value.decode(Fact.self) {
        answer = .impossible(fact.impossible)
      } else if try value.decode(String.self) == "frame" {
        answer = .frame
      } else {
        throw DecodingError.dataCorruptedError(in: value, debugDescription: "needed: frame")
      }
    }
  }

  let frames: [FrameData]
  let noise: [NoiseData]
}
