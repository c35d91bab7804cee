/// What a kernel's own types and symbols say, of what ``KernelFeatures`` asks.
public struct KernelFacts: Sendable, Equatable {
  /// Functions that have code of their own.
  public var functions: Set<String>
  /// Structures and their members, each with the number of parameters if it points to functions.
  public var structures: [String: [String: Int?]]
  /// Constants of enumerations.
  public var enumerators: Set<String>

  /// States facts.
  public init(
    functions: Set<String>, structures: [String: [String: Int?]], enumerators: Set<String>
  ) {
    (self.functions, self.structures) = (functions, structures)
    self.enumerators = enumerators
  }
}

extension KernelFeatures {
  /// What is asked of a kernel's types and symbols.
  public static let questions = KernelFacts(
    functions: [
      "import_ubuf", "splice_file_range", "shmem_file_write_iter", "__traceiter_sock_recv_length",
    ],
    structures: ["fd": [:], "proto": [:], "proto_ops": [:], "net_hotdata": [:]],
    enumerators: ["ITER_UBUF"])

  /// Fits stubs by a kernel's types and symbols, where its headers aren't at hand.
  ///
  /// They don't show macros and what is always inlined. For those something stands that came with
  /// them: `proto_ops.splice_eof` for `MSG_INTERNAL_SENDMSG_FLAGS`, the steering table's place in
  /// `net_hotdata` for net/rps.h, `splice_file_range()` for `fsnotify_file_area_perm()` where no
  /// image shows who calls fsnotify. `ITER_DEST` shows nowhere; `READ`, which it equals, is always
  /// there. An answer that is wrong for a kernel doesn't compile there.
  ///
  /// - Throws: ``EmitError`` where the structures that stubs use aren't among the types.
  public init(_ facts: KernelFacts, image: (any CallWitness)? = nil) throws(EmitError) {
    func members(_ structure: String) throws(EmitError) -> [String: Int?] {
      guard let found = facts.structures[structure] else {
        throw .missingInKernelTypes(structure: structure)
      }
      return found
    }
    guard case .some(.some(let parameters)) = try members("proto")["recvmsg"] else {
      throw .missingInKernelTypes(structure: "proto.recvmsg")
    }
    let isBesideLSM =
      Self.asksFanotify(in: image) ?? facts.functions.contains("splice_file_range")
    self.init(
      descriptorIsWord: try members("fd")["word"] != nil, namesIteratorDirection: false,
      iteratesBuffers: facts.enumerators.contains("ITER_UBUF"),
      importsBuffers: facts.functions.contains("import_ubuf"), fanotifyBesideLSM: isBesideLSM,
      modeBeforeVectors: isBesideLSM,
      socketLengthTracepoints: facts.functions.contains("__traceiter_sock_recv_length"),
      flowSteeringHeader: facts.structures["net_hotdata"]?["rps_sock_flow_table"] != nil,
      recvmsgTakesNonblock: parameters == 6,
      masksInternalFlags: try members("proto_ops")["splice_eof"] != nil,
      tmpfsHasWriteIter: facts.functions.contains("shmem_file_write_iter"))
  }

  /// Whether the function that asks the LSM of a read or a write asks fanotify, too; nil where no
  /// image shows it.
  private static func asksFanotify(in image: (any CallWitness)?) -> Bool? {
    image?.calls(from: "rw_verify_area")?.contains { call in
      call.targets.contains { $0 == "fsnotify" || $0 == "__fsnotify_parent" }
    }
  }
}

extension KernelFeatures {
  /// Whether two kernels differ, but for how the iterator's direction is spelled, which types don't
  /// show.
  public func disagrees(with other: KernelFeatures) -> Bool {
    var other = other
    other.namesIteratorDirection = namesIteratorDirection
    return self != other
  }
}

/// What stubs were fitted to, as `shortcuts.json` has it: `generate` fits them to the same.
public struct StubFit: Sendable, Codable, Equatable {
  /// Where the features come from, for people.
  public let source: String
  /// The features.
  public let features: KernelFeatures

  /// States it.
  public init(source: String, features: KernelFeatures) {
    (self.source, self.features) = (source, features)
  }
}
