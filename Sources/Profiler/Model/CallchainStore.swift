/// Where the words of a call chain are: the file's number in the top 16 bits, the byte offset of
/// `u64 nr` below, or the row of that word among a store's own.
struct CallchainReference: Sendable {
  fileprivate let rawValue: UInt64

  private static let own: UInt64 = 0xffff << 48

  init(file: Int, offset: UInt64) { rawValue = UInt64(file) << 48 | offset }

  fileprivate init(own row: Int) { rawValue = CallchainReference.own | UInt64(row) }

  fileprivate var isOwn: Bool { rawValue >= CallchainReference.own }
  fileprivate var file: Int { Int(rawValue >> 48) }
  fileprivate var offset: Int { Int(rawValue & 0xffff_ffff_ffff) }

  /// The same chain after another store's words were put before its own.
  func moved(by words: Int) -> CallchainReference {
    isOwn ? CallchainReference(own: offset + words) : self
  }
}

/// The words of the distinct call chains, leaf first, `PERF_CONTEXT_*` markers included.
///
/// They stay in the mapped recording, where they take no memory; only those that stand in no file
/// as they are, out of a compressed record or made up, are copied.
struct CallchainStore: Sendable {
  private let files: [MappedFile]
  private let isSwapped: Bool
  /// Of each chain the number of its words, then the words.
  private var own: [UInt64] = []

  init(files: [MappedFile] = [], isSwapped: Bool = false) {
    self.files = files
    self.isSwapped = isSwapped
  }

  /// Copies a chain.
  ///
  /// - Parameter chain: `u64[nr]` in the recording's byte order.
  mutating func append(_ chain: RawSpan) -> CallchainReference {
    let row = own.count
    own.append(UInt64(chain.byteCount / 8))
    for offset in stride(from: 0, to: chain.byteCount &- 7, by: 8) {
      own.append(chain.load(UInt64.self, at: offset, swapped: isSwapped))
    }
    return CallchainReference(own: row)
  }

  /// Copies a chain in host order.
  mutating func append(_ chain: some Collection<UInt64>) -> CallchainReference {
    let row = own.count
    own.append(UInt64(chain.count))
    own += chain
    return CallchainReference(own: row)
  }

  /// Takes over another store's own words.
  ///
  /// - Returns: by how much the other's references must be moved.
  mutating func merge(_ other: consuming CallchainStore) -> Int {
    let base = own.count
    own += other.own
    return base
  }

  /// Puts a chain's words into `words`, in host order.
  func copy(_ chain: CallchainReference, into words: inout [UInt64]) {
    words.removeAll(keepingCapacity: true)
    if chain.isOwn {
      let start = chain.offset + 1
      words += own[start..<start + Int(own[chain.offset])]
      return
    }
    let file = files[chain.file]
    let bytes = file.bytes
    // The reader compared the chain's length with its record's.
    let count = Int(bytes.load(UInt64.self, at: chain.offset, swapped: isSwapped))
    for word in stride(from: 1, through: count, by: 1) {
      words.append(bytes.load(UInt64.self, at: chain.offset + 8 * word, swapped: isSwapped))
    }
  }
}
