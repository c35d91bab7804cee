/// Where the words of a call chain are: the file's number in the top 16 bits, the byte offset of
/// `u64 nr` below, or the row of that word among a store's own.
struct CallchainReference: Sendable {
  fileprivate let rawValue: UInt64

  private static let own: UInt64 = 0xffff << 48

  init(file: Int, offset: UInt64) { rawValue = UInt64(file) << 48 | offset }

  fileprivate init(own row: Int) { rawValue = CallchainReference.own | UInt64(row) }

  /// Stands for the chain: no two have the same.
  var number: UInt64 { rawValue }

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
  private var files: [MappedFile]
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

  /// The number that the next file gets.
  var nextFile: Int { files.count }

  /// Adds a file that chains stand in.
  mutating func add(_ file: MappedFile) { files.append(file) }

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
    guard chain.file < files.count else { return }  // there was no room for it
    let file = files[chain.file]
    let bytes = file.bytes
    // The reader compared the chain's length with its record's.
    let count = Int(bytes.load(UInt64.self, at: chain.offset, swapped: isSwapped))
    let start = chain.offset + 8
    bytes.extracting(start..<start + 8 * count).append(to: &words, swapped: isSwapped)
  }

  /// Has the processor fetch a chain of usual length, so that several are waited for at once.
  ///
  /// - Returns: a number that stands for the reading, which would be left out if it had no result.
  @inline(__always)
  func fetch(_ chain: CallchainReference) -> Int {
    guard !chain.isOwn, chain.file < files.count else { return 0 }
    let file = files[chain.file]
    let bytes = file.bytes
    return bytes.fetch(from: chain.offset, count: CallchainStore.usualLength)
  }

  /// Bytes of most chains.
  private static let usualLength = 384

  /// Unwinds the user stack behind a chain of an event with user registers and stacks.
  ///
  /// - Returns: whether there was a stack; the frames are the unwinder's.
  func unwind(
    _ chain: CallchainReference, of attribute: EventAttribute, with unwinder: inout StackUnwinder,
    _ locations: inout LocationResolver
  ) -> Bool {
    guard !chain.isOwn, chain.file < files.count else { return false }
    let file = files[chain.file]
    let bytes = file.bytes
    // The reader compared all lengths with the record's.
    let count = Int(bytes.load(UInt64.self, at: chain.offset, swapped: isSwapped))
    let end = chain.offset + 8 + 8 * count
    let rest = bytes.extracting(end..<bytes.byteCount)
    guard let tail = try? SampleTail(of: rest, from: 0, attribute, swapped: isSwapped),
      tail.hasUserStack
    else { return false }
    unwinder.unwind(
      tail, in: rest, mask: attribute.userRegisters, swapped: isSwapped, &locations)
    return true
  }
}
