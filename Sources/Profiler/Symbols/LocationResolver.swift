/// Finds the function behind each unique address of each address space.
struct LocationResolver {
  private let kernel: KernelSymbols?
  private let isRaw: Bool
  private let expandsInlines: Bool
  private let keepsAddresses: Bool
  private let images: SharedImages
  /// Kernel and application text, as recorded; empty without kernel symbols.
  private let kernelText: Range<UInt64>
  private(set) var functions = FunctionTable()
  private var interner: LocationInterner

  private let kernelSymbols: KernelSymbolHistory
  private var kernelMaps = AddressSpace()
  /// Where the mappings of the kernel and of modules begin, and what they name, by record.
  private var kernelFiles: [(start: UInt64, file: RecordedFile)] = []
  private var buildIDs: [String: BuildID] = [:]
  private let recordedFiles: RecordedFiles
  private var release: String?
  /// Whether the machine's own programs have addresses above 4 GiB.
  private let isWide: Bool
  private var spaces: AddressSpaceHistory
  /// The files behind user mappings.
  private var files: [MappedImage] = []
  private var fileRows: [RecordedFile: Int] = [:]
  /// Rows of ``files`` by what ``fileKey(of:)`` says of a mapping's record.
  private var knownFiles = IntegerMap()

  /// Addresses already found: the kernel's in the epoch entered and in all others.
  private var inKernel = KnownAddresses()
  private var inKernels: [Int: KnownAddresses] = [:]
  /// Row of ``FunctionTable/images``, once a frame was found there.
  private var kernelImage: UInt32?
  /// Offsets already found, by file: processes that map it share them.
  private var inFiles: [KnownAddresses] = []
  /// Locations of what lies in no mapping, and of raw addresses.
  private var elsewhere = IntegerMap()
  /// Where all that lies in no mapping is, unless addresses are kept.
  private var nowhere: LocationID?
  private var space = (row: -1, key: Space(pid: -1, epoch: 0), mappings: AddressSpace?.none)
  /// What of the space entered was asked for last.
  private var near = NearMappings()

  /// Locations of addresses that functions are inlined at, innermost first, one behind the other.
  private var expanded: [LocationID] = []
  /// Where in ``expanded`` each such address' end; begins with 0.
  private var expandedEnds: [Int] = [0]

  /// What an address turned out to be.
  struct Known {
    fileprivate let rawValue: UInt32

    fileprivate init(rawValue: UInt32) { self.rawValue = rawValue }

    fileprivate init(_ location: LocationID, isInterruptEntry: Bool = false) {
      rawValue = location.rawValue << 2 | (isInterruptEntry ? 1 : 0)
    }

    /// - Parameter expansion: row of ``LocationResolver/expandedEnds``.
    fileprivate init(expansion: Int, isInterruptEntry: Bool) {
      rawValue = UInt32(expansion) << 2 | 2 | (isInterruptEntry ? 1 : 0)
    }

    /// Whether it is several locations, with functions inlined at the address.
    var isExpanded: Bool { rawValue & 2 != 0 }
    fileprivate var expansion: Int { Int(rawValue >> 2) }
    /// Where it is, unless it is several locations.
    var location: LocationID { LocationID(rawValue: rawValue >> 2) }
    /// Whether it is in the kernel's entry from an interrupt or an exception.
    var isInterruptEntry: Bool { rawValue & 1 == 1 }
  }

  /// Locations by address; a return address is looked up in another way, so it may lie elsewhere.
  private struct KnownAddresses {
    private var exact = IntegerMap()
    private var returns = IntegerMap()

    @inline(__always)
    func row(of address: UInt64, isReturn: Bool) -> Known? {
      (isReturn ? returns.row(of: address) : exact.row(of: address)).map(Known.init)
    }

    mutating func remember(_ known: Known, of address: UInt64, isReturn: Bool) {
      if isReturn {
        returns.insert(address, known.rawValue)
      } else {
        exact.insert(address, known.rawValue)
      }
    }
  }

  /// The file behind a mapping.
  private final class MappedImage: Sendable {
    /// Its symbols, if they can be had.
    let image: ElfImage?
    /// Row of ``FunctionTable/images``.
    let row: UInt32
    /// Stands for addresses without a symbol.
    let name: String
    /// Whether it is no file but code made at run time: addresses are as mapped.
    let isGenerated: Bool

    init(image: ElfImage?, row: UInt32, name: String, isGenerated: Bool) {
      (self.image, self.row, self.name) = (image, row, name)
      self.isGenerated = isGenerated
    }
  }

  /// - Parameters:
  ///   - profile: says what was mapped where, and the images' ids.
  ///   - expandsInlines: whether functions inlined at an address are frames of their own.
  ///   - keepsAddresses: whether it matters where in its function an address is.
  init(
    _ profile: Profile, kernel: KernelSymbols?, images: SharedImages, isRaw: Bool,
    expandsInlines: Bool, keepsAddresses: Bool
  ) {
    self.kernel = kernel
    self.expandsInlines = expandsInlines && !isRaw
    self.keepsAddresses = keepsAddresses
    self.images = images
    self.isRaw = isRaw
    kernelText = kernel?.recordedText ?? 0..<0
    spaces = AddressSpaceHistory(profile.timeline)
    interner = LocationInterner(keepsAddresses: keepsAddresses)
    for (index, record) in profile.timeline.kernelMaps.enumerated() {
      let (end, overflow) = record.start.addingReportingOverflow(record.length)
      kernelMaps.map(
        AddressSpace.Mapping(
          start: record.start, end: overflow ? .max : end, pageOffset: 0, record: index))
    }
    recordedFiles = profile.timeline.files
    kernelSymbols = profile.timeline.kernelSymbols
    release = profile.features.osRelease
    isWide = profile.features.arch?.contains("64") ?? true
    for image in profile.features.buildIDs { buildIDs[image.path] = image.buildID }
    for record in profile.timeline.kernelMaps {
      kernelFiles.append((record.start, identified(record)))
    }
  }

  /// The distinct locations found.
  var table: LocationTable { interner.table }

  /// Says whose address space the next frames are in.
  ///
  /// - Parameter row: a small number that stands for the space.
  mutating func enter(_ key: Space, row: Int) {
    guard row != space.row else { return }
    if key.kernelEpoch != space.key.kernelEpoch {
      inKernels[space.key.kernelEpoch] = inKernel
      inKernel = inKernels.removeValue(forKey: key.kernelEpoch) ?? KnownAddresses()
    }
    space = (row, key, nil)
    near.removeAll()
  }

  /// What a frame in the space entered last is.
  @inline(__always)
  mutating func find(
    _ address: UInt64, _ context: ChainSplitter.Context, isReturn: Bool
  ) -> Known {
    // A UKL application runs at kernel addresses; a guest's or a hypervisor's are none of the kernel's.
    if context == .kernel || kernelText.contains(address) && context == .user {
      return inKernel.row(of: address, isReturn: isReturn)
        ?? findInKernel(address, context, isReturn: isReturn)
    }
    guard context == .user, !isRaw else {
      return isRaw ? Known(raw(address, context)) : Known(nowhere(address))
    }
    return findInSpace(address, isReturn: isReturn)
  }

  private mutating func findInKernel(
    _ address: UInt64, _ context: ChainSplitter.Context, isReturn: Bool
  ) -> Known {
    let known =
      isRaw ? Known(raw(address, context)) : kernelLocation(address, isReturn: isReturn)
    inKernel.remember(known, of: address, isReturn: isReturn)
    return known
  }

  @inline(__always)
  private mutating func findInSpace(_ address: UInt64, isReturn: Bool) -> Known {
    let near = near.stretch(around: address) ?? stretch(around: address)
    guard let file = near.file else { return Known(nowhere(address)) }
    let offset = address &- near.shift  // looked up, never dereferenced
    return inFiles[file].row(of: offset, isReturn: isReturn)
      ?? findInFile(file, offset, isReturn: isReturn)
  }

  private mutating func findInFile(_ file: Int, _ offset: UInt64, isReturn: Bool) -> Known {
    let known = location(in: files[file], offset, isReturn: isReturn)
    inFiles[file].remember(known, of: offset, isReturn: isReturn)
    return known
  }

  /// The location of an address that nothing is mapped at.
  @inline(__always)
  private mutating func nowhere(_ address: UInt64) -> LocationID {
    if let nowhere { return nowhere }
    if let known = elsewhere.row(of: address) { return LocationID(rawValue: known) }
    let location = unresolved("[unknown]", image: "", at: address)
    if !keepsAddresses { nowhere = location }
    elsewhere.insert(address, location.rawValue)
    return location
  }

  /// What is around an address of the space entered last.
  private mutating func stretch(around address: UInt64) -> NearMappings.Stretch {
    let found: NearMappings.Stretch
    switch mappings.stretch(around: address) {
    case .mapping(let map):
      let file = file(of: map.record)
      // Offsets come from the recording and may wrap.
      let shift = files[file].isGenerated ? 0 : map.start &- map.pageOffset
      found = NearMappings.Stretch(start: map.start, end: map.end, shift: shift, file: file)
    case .gap(let start, let end): found = NearMappings.Stretch(start: start, end: end)
    }
    near.remember(found, around: address)
    return found
  }

  /// The mappings of the space entered last.
  private var mappings: AddressSpace {
    mutating get {
      if let mappings = space.mappings { return mappings }
      let mappings = spaces.space(of: space.key)
      space.mappings = mappings
      return mappings
    }
  }

  /// Names an address as `perf script -F ip` prints it: mapped user code by its offset in the
  /// file, everything else as recorded.
  private mutating func raw(_ frame: UInt64, _ context: ChainSplitter.Context) -> LocationID {
    var address = frame
    if context == .user, let map = mappings.mapping(covering: address),
      recordedFiles.kind(of: spaces.records[map.record].file) != .anonymous
    {
      address = address - map.start &+ map.pageOffset
    }
    if let known = elsewhere.row(of: address) { return LocationID(rawValue: known) }
    let location = unresolved("0x\(String(address, radix: 16))", image: "", at: address)
    elsewhere.insert(address, location.rawValue)
    return location
  }

  /// The symbol of an address, and the address it was found by. A return address is looked up one
  /// byte before: where the call never returns it is the first byte of the next function. A word off
  /// the stack that has no code before it is no return address, and looked up as it is.
  private func row(
    _ address: UInt64, isReturn: Bool, _ find: (UInt64) -> Int?
  ) -> (row: Int, place: UInt64)? {
    if isReturn, address > 0, let row = find(address - 1) { return (row, address - 1) }
    return find(address).map { ($0, address) }
  }

  private mutating func kernelLocation(_ address: UInt64, isReturn: Bool) -> Known {
    if let id = passingLocation(address, isReturn: isReturn) { return Known(id) }
    let map = kernelMaps.mapping(covering: address)
    let module = map.flatMap { LoadedModule.isModule(kernelFiles[$0.record].file) ? $0 : nil }
    if let kernel, let found = row(address, isReturn: isReturn, kernel.row(covering:)),
      // A symbol from before a module's base isn't the module's.
      module.map({ kernel.start(ofRow: found.row) >= $0.start }) ?? true
    {
      let image = kernelImage ?? functions.image("[kernel.kallsyms]")
      kernelImage = image
      let id = functions.kernel(row: found.row) { kernel.function(found.row) }
      let inlined = inlinedFunctions(at: found, of: id, kernel, in: module)
      return known(image, address, id, inlined)
    }
    if let module, let known = moduleLocation(address, isReturn: isReturn, module) { return known }
    guard let map else { return Known(unresolved("[unknown]", image: "", at: address)) }
    let name = LocationResolver.dsoName(kernelFiles[map.record].file.path)
    return Known(unresolved(name, image: name, at: address))
  }

  /// The functions inlined at an address of the kernel or a module that the kernel's symbols name.
  private func inlinedFunctions(
    at found: (row: Int, place: UInt64), of id: FunctionID, _ kernel: KernelSymbols,
    in module: AddressSpace.Mapping?
  ) -> [String] {
    guard expandsInlines else { return [] }
    guard let module else { return kernel.inlinedFunctions(at: found.place, row: found.row) }
    // From another build's file inlined functions would be wrong, and nobody could see it.
    let (start, file) = kernelFiles[module.record]
    guard file.buildID != nil, let image = images.module(file, release: release) else { return [] }
    let offset = found.place &- start
    guard let row = image.symbols.row(covering: offset),
      image.symbols.name(row) == functions.functions[id.index].symbol
    else { return [] }
    return image.debugInfo?.inlinedFunctions(at: offset) ?? []
  }

  /// An address' location in a function, and before it those of the functions inlined there.
  ///
  /// - Parameter inlined: their names, innermost first.
  private mutating func known(
    _ image: UInt32, _ address: UInt64, _ id: FunctionID, _ inlined: [String]
  ) -> Known {
    let origin = functions.functions[id.index].origin
    let isInterruptEntry =
      origin == .transition && KernelEntry.isInterruptEntry(functions.functions[id.index].symbol)
    let location = interner.location(image, address, id)
    guard !inlined.isEmpty else { return Known(location, isInterruptEntry: isInterruptEntry) }
    for name in inlined {
      expanded.append(
        interner.location(image, address, functions.inlined(name, into: origin)))
    }
    expanded.append(location)
    expandedEnds.append(expanded.count)
    return Known(expansion: expandedEnds.count - 2, isInterruptEntry: isInterruptEntry)
  }

  /// The locations of what was found, those of each address innermost first, in place of what is there.
  func expand(_ found: [Known], into frames: inout [LocationID]) {
    frames.removeAll(keepingCapacity: true)
    // The closures would take a copy of all that the resolver is.
    let (expanded, ends) = (expanded, expandedEnds)
    func expansion(of known: Known) -> Range<Int> {
      ends[known.expansion]..<ends[known.expansion + 1]
    }
    var (count, isPlain) = (found.count, true)
    if ends.count > 1 {
      for known in found where known.isExpanded {
        count += expansion(of: known).count - 1
        isPlain = false
      }
    }
    guard !isPlain else {
      return frames.append(addingCapacity: found.count) { frames in
        for known in found { frames.append(known.location) }
      }
    }
    frames.append(addingCapacity: count) { frames in
      for known in found {
        guard known.isExpanded else {
          frames.append(known.location)
          continue
        }
        for place in expansion(of: known) { frames.append(expanded[place]) }
      }
    }
  }

  /// An address in kernel code that came while it was recorded.
  private mutating func passingLocation(_ address: UInt64, isReturn: Bool) -> LocationID? {
    guard !kernelSymbols.isEmpty, !kernelText.contains(address) else { return nil }
    let (symbols, epoch) = (kernelSymbols, space.key.kernelEpoch)
    guard
      let row = row(address, isReturn: isReturn, { symbols.row(covering: $0, in: epoch) })?
        .row
    else { return nil }
    let image = functions.image("[ksymbol]")
    let id = functions.image(image, row: row) {
      let name = symbols.name(ofRow: row)
      return Function(symbol: name, name: name, origin: .kernel)
    }
    return interner.location(image, address, id)
  }

  /// An address in a module, by the module's file.
  private mutating func moduleLocation(
    _ address: UInt64, isReturn: Bool, _ map: AddressSpace.Mapping
  ) -> Known? {
    // From the record, not the mapping: a later record may have cut the mapping's beginning off.
    let (start, file) = kernelFiles[map.record]
    let offset = address &- start
    guard let image = images.module(file, release: release),
      let found = row(offset, isReturn: isReturn, image.symbols.row(covering:))
    else { return nil }
    let imageRow = functions.image(file.path)
    let id = functions.image(imageRow, row: found.row) {
      let symbol = image.symbols.name(found.row)
      return Function(symbol: symbol, name: symbol, origin: .kernel)
    }
    let inlined =
      expandsInlines && file.buildID != nil
      ? image.debugInfo?.inlinedFunctions(at: found.place) ?? [] : []
    return known(imageRow, offset, id, inlined)
  }

  /// Where in which file an address of the space entered last is; nil where nothing is mapped.
  ///
  /// - Returns: the file's number, its image if that can be had, and the address in it.
  mutating func place(of address: UInt64) -> (file: Int, image: ElfImage?, address: UInt64)? {
    let near = near.stretch(around: address) ?? stretch(around: address)
    guard let file = near.file else { return nil }
    let offset = address &- near.shift
    let image = files[file].image
    return (file, image, image?.address(ofFileOffset: offset) ?? offset)
  }

  private mutating func location(
    in file: MappedImage, _ offset: UInt64, isReturn: Bool
  ) -> Known {
    guard let image = file.image else {
      return Known(unresolved(file.name, image: file.name, at: offset))
    }
    let address = image.address(ofFileOffset: offset)
    guard let found = row(address, isReturn: isReturn, image.symbols.row(covering:)) else {
      return Known(unresolved(file.name, image: file.name, at: address))
    }
    let id = functions.image(file.row, row: found.row) {
      let symbol = image.symbols.name(found.row)
      let name = demangled(symbol) ?? symbol
      return Function(symbol: name, name: name, origin: .application)
    }
    let inlined = expandsInlines ? image.debugInfo?.inlinedFunctions(at: found.place) ?? [] : []
    return known(file.row, address, id, inlined)
  }

  /// The row in ``files`` of the one behind a user mapping, whichever processes mapped it.
  private mutating func file(of record: Int) -> Int {
    let map = spaces.records[record]
    let isGenerated = map.isExecutable && recordedFiles.kind(of: map.file) == .anonymous
    let key = fileKey(of: map, isGenerated: isGenerated)
    if let row = knownFiles.row(of: key) { return Int(row) }
    let file = isGenerated ? RecordedFile("/tmp/perf-\(map.pid).map") : identified(map)
    let row = fileRows[file] ?? files.count
    if row == files.count {
      files.append(mappedImage(file, isGenerated: isGenerated))
      inFiles.append(KnownAddresses())
      fileRows[file] = row
    }
    knownFiles.insert(key, UInt32(row))
    return row
  }

  /// What tells the file behind a mapping: its number, and what decides beside it.
  private func fileKey(of map: MapRecord, isGenerated: Bool) -> UInt64 {
    let number = UInt64(map.file) << 33
    if isGenerated { return number | 1 << 32 | UInt64(UInt32(bitPattern: map.pid)) }
    return number | (isNarrowVDSO(map) ? 1 : 0)
  }

  /// What a mapping's record names, with the id in the record or in the recording's list. A 64-bit
  /// machine has vdsos of several kinds; all are mapped as `[vdso]`, but perf lists them by what they
  /// are.
  private func identified(_ map: MapRecord) -> RecordedFile {
    var file = recordedFiles[map.file]
    guard file.buildID == nil else { return file }
    file.buildID =
      isNarrowVDSO(map) ? buildIDs["[vdso32]"] ?? buildIDs["[vdsox32]"] : buildIDs[file.path]
    return file
  }

  private func isNarrowVDSO(_ map: MapRecord) -> Bool {
    isWide && map.start >> 32 == 0 && recordedFiles.kind(of: map.file) == .vdso
  }

  private mutating func mappedImage(_ file: RecordedFile, isGenerated: Bool) -> MappedImage {
    let image = isGenerated ? images.perfMap(file.path) : images.image(of: file)
    let name = LocationResolver.dsoName(file.path)
    return MappedImage(
      image: image,
      row: image == nil ? functions.image(name) : functions.image(of: file),
      name: name, isGenerated: isGenerated)
  }

  private mutating func unresolved(_ name: String, image: String, at address: UInt64) -> LocationID
  {
    interner.location(functions.image(image), address, functions.unresolved(name))
  }

  /// What perf prints for an address without a symbol: the file's last component in brackets.
  private static func dsoName(_ path: String) -> String {
    if path.hasPrefix("[kernel.kallsyms]") { return "[kernel.kallsyms]" }
    if path.hasPrefix("[") { return path }
    let base = path.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
    return "[\(base)]"
  }
}
