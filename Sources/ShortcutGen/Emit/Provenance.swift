/// Where generated code comes from: the tool and the recording.
public struct Provenance: Sendable, Equatable {
  /// Version of ukl-shortcut.
  public let toolVersion: String
  /// The recorded kernel's `uname -r`, where the recording says it.
  public let kernelRelease: String?
  /// The recorded kernel's build-id in hex, where the recording says it.
  public let buildID: String?
  /// The event whose samples were analysed.
  public let event: String
  /// Samples of the analysed thread group.
  public let samples: Int

  /// Describes the origin.
  public init(
    toolVersion: String, kernelRelease: String?, buildID: String?, event: String, samples: Int
  ) {
    self.toolVersion = toolVersion
    self.kernelRelease = kernelRelease
    self.buildID = buildID
    self.event = event
    self.samples = samples
  }

  /// The lines for a comment.
  var lines: [String] {
    summary + [CText.comment("build-id: \(buildID ?? "not in the recording")")]
  }

  /// The lines for a patch's message, without the build-id, which reads like a commit there.
  var summary: [String] {
    [
      "recorded kernel: \(kernelRelease ?? "not named in the recording")",
      "event: \(event), \(samples) samples of the analysed thread group",
    ].map { CText.comment($0) }
  }
}
