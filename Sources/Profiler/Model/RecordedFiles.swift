import SystemPackage

/// A file as the mappings of a recording name it.
struct RecordedFile: Hashable, Sendable {
  /// As it is shown: bytes that are not UTF-8 are replaced by U+FFFD.
  let path: String
  /// As the recorded machine has it.
  let name: FilePath
  /// The id that the mapping's record carries, if it does.
  var buildID: BuildID?
}

extension RecordedFile {
  /// A file whose name is the text.
  init(_ path: String, buildID: BuildID? = nil) {
    self.init(path: path, name: FilePath(path), buildID: buildID)
  }

  /// What a name says of what is behind it.
  enum Kind: Sendable {
    case file
    /// Memory that perf knows to have no file behind it: code in it was made at run time.
    case anonymous
    /// What the kernel maps into every process.
    case vdso

    init(_ path: String) {
      let anonymous = ["[stack", "/SYSV", "/dev/zero", "/anon_hugepage"]
      self =
        if path == "[vdso]" {
          .vdso
        } else if path == "//anon" || path == "[heap]"
          || anonymous.contains(where: path.hasPrefix)
        { .anonymous } else { .file }
    }
  }
}

/// The distinct files of a recording's mappings, numbered: thousands of processes map the same ones.
struct RecordedFiles: Sendable {
  private var rows: [(file: RecordedFile, kind: RecordedFile.Kind)] = []
  private var known = FingerprintTable()

  /// The file of a number.
  subscript(number: UInt32) -> RecordedFile { rows[Int(number)].file }

  /// What the file of a number is.
  func kind(of number: UInt32) -> RecordedFile.Kind { rows[Int(number)].kind }

  /// The number of the file that a mapping's record names.
  ///
  /// - Parameters:
  ///   - id: `build_id_size` and the bytes behind it; empty where the record has none.
  ///   - name: `filename`, with all that stands behind its NUL.
  mutating func number(id: RawSpan, name: RawSpan) -> UInt32 {
    var fingerprint = Fingerprint(seed: UInt64(id.byteCount))
    fingerprint.add(bytes: id)
    fingerprint.add(bytes: name)
    let row = known.row(of: fingerprint)
    if row == rows.count {
      let file = RecordedFile(id: id, name: name)
      rows.append((file, RecordedFile.Kind(file.path)))
    }
    return UInt32(row)
  }
}

extension RecordedFile {
  fileprivate init(id: RawSpan, name bytes: RawSpan) {
    path = String(cString: bytes)
    name = FilePath(
      platformString: bytes.copied().prefix { $0 != 0 }.map(CChar.init(bitPattern:)) + [0])
    buildID = id.isEmpty ? nil : BuildID(recorded: id)
  }
}

extension BuildID {
  /// An id as a record has it: its size, three bytes of nothing, then twenty bytes.
  fileprivate init(recorded bytes: RawSpan) {
    let size = min(Int(bytes.load(UInt8.self, at: 0, swapped: false)), 20)
    self.init(bytes.extracting(4..<4 + size).copied())
  }
}
