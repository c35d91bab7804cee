/// Finds and numbers the function behind each unique address.
struct LocationResolver {
  private let kernel: KernelSymbols?
  private let isRaw: Bool
  private(set) var table = LocationTable()
  private(set) var functions: [Function] = []
  private(set) var images: [String] = []

  private var kernelMaps = AddressSpace()
  private var kernelMapRecords: [MapRecord] = []
  private var buildIDs: [String: BuildID] = [:]
  private var release: String?
  /// Addresses already found: the kernel's, and those of each address space.
  private var knownInKernel = KnownAddresses()
  private var knownInSpaces: [KnownAddresses] = []
  private var space = (row: 0, key: Space(pid: -1, epoch: 0))
  private var byPlace: [Place: LocationID] = [:]
  private var functionRows: [FunctionKey: FunctionID] = [:]
  private var imageRows: [String: UInt32] = [:]

  /// Locations by address; a return address is looked up in another way, so it may lie elsewhere.
  private struct KnownAddresses {
    var exact = IntegerMap()
    var returns = IntegerMap()

    func location(of address: UInt64, isReturn: Bool) -> LocationID? {
      (isReturn ? returns : exact).row(of: address).map(LocationID.init)
    }

    mutating func remember(_ location: LocationID, of address: UInt64, isReturn: Bool) {
      if isReturn {
        returns.insert(address, location.rawValue)
      } else {
        exact.insert(address, location.rawValue)
      }
    }
  }

  /// An address in an image, whichever process it was mapped into.
  private struct Place: Hashable {
    let image: UInt32
    let address: UInt64
    let function: FunctionID
  }

  private enum FunctionKey: Hashable {
    case kernel(row: Int)
    case image(UInt32, row: Int)
    case unresolved(name: String)
  }

  init(kernel: KernelSymbols?, isRaw: Bool) {
    self.kernel = kernel
    self.isRaw = isRaw
  }

  /// Takes what the recording says about the kernel's mappings and the images' ids.
  mutating func use(_ profile: Profile) {
    for (index, record) in profile.timeline.kernelMaps.enumerated() {
      let (end, overflow) = record.start.addingReportingOverflow(record.length)
      kernelMaps.map(
        AddressSpace.Mapping(
          start: record.start, end: overflow ? .max : end, pageOffset: 0, record: index))
    }
    kernelMapRecords = profile.timeline.kernelMaps
    release = profile.features.osRelease
    for image in profile.features.buildIDs { buildIDs[image.path] = image.buildID }
  }

  /// Says whose address space the next frames are in.
  ///
  /// - Parameter row: a small number that stands for the space.
  mutating func enter(_ key: Space, row: Int) {
    space = (row, key)
    while knownInSpaces.count <= row { knownInSpaces.append(KnownAddresses()) }
  }

  /// The location of a frame in the space entered last.
  mutating func location(
    of frame: ChainSplitter.Frame, isReturn: Bool, _ spaces: inout AddressSpaceHistory,
    _ source: inout any ImageSource
  ) -> LocationID {
    if frame.context == .kernel || kernel?.isText(frame.address) ?? false {
      if let id = knownInKernel.location(of: frame.address, isReturn: isReturn) { return id }
      let id =
        isRaw ? raw(frame, &spaces) : kernelLocation(frame.address, isReturn: isReturn, &source)
      knownInKernel.remember(id, of: frame.address, isReturn: isReturn)
      return id
    }
    guard frame.context == .user else {
      return isRaw ? raw(frame, &spaces) : unresolved("[unknown]", image: "", at: frame.address)
    }
    if let id = knownInSpaces[space.row].location(of: frame.address, isReturn: isReturn) {
      return id
    }
    let id =
      isRaw ? raw(frame, &spaces) : userLocation(frame, isReturn: isReturn, &spaces, &source)
    knownInSpaces[space.row].remember(id, of: frame.address, isReturn: isReturn)
    return id
  }

  /// Whether the frame is the kernel's entry from an interrupt or an exception.
  func isInterruptEntry(_ location: LocationID) -> Bool {
    let function = functions[table.function[location.index].index]
    return function.origin == .transition && KernelEntry.isInterruptEntry(function.symbol)
  }

  /// Names an address as `perf script -F ip` prints it: mapped user code by its offset in the
  /// file, everything else as recorded.
  private mutating func raw(
    _ frame: ChainSplitter.Frame, _ spaces: inout AddressSpaceHistory
  ) -> LocationID {
    var address = frame.address
    if frame.context == .user, let map = spaces.space(of: space.key).mapping(covering: address),
      !LocationResolver.isAnonymous(spaces.records[map.record].path)
    {
      address = address - map.start &+ map.pageOffset
    }
    return unresolved("0x\(String(address, radix: 16))", image: "", at: address)
  }

  /// Mappings that perf knows to have no file behind them.
  private static func isAnonymous(_ path: String) -> Bool {
    path == "//anon" || path == "[heap]" || path.hasPrefix("[stack") || path.hasPrefix("/SYSV")
      || path.hasPrefix("/dev/zero") || path.hasPrefix("/anon_hugepage")
  }

  /// The symbol of an address. A return address is looked up one byte before: where the call never
  /// returns it is the first byte of the next function. A word off the stack that has no code
  /// before it is no return address, and looked up as it is.
  private func row(_ address: UInt64, isReturn: Bool, _ find: (UInt64) -> Int?) -> Int? {
    if isReturn, address > 0, let row = find(address - 1) { return row }
    return find(address)
  }

  private mutating func kernelLocation(
    _ address: UInt64, isReturn: Bool, _ source: inout any ImageSource
  ) -> LocationID {
    let map = kernelMaps.mapping(covering: address)
    let module = map.flatMap { LocationResolver.isModule(kernelMapRecords[$0.record]) ? $0 : nil }
    if let kernel, let row = row(address, isReturn: isReturn, kernel.row(covering:)),
      // A symbol from before a module's base isn't the module's.
      module.map({ kernel.start(ofRow: row) >= $0.start }) ?? true
    {
      let image = imageRow("[kernel.kallsyms]")
      return place(image, address, function(.kernel(row: row)) { kernel.function(row) })
    }
    if let module, let id = moduleLocation(address, isReturn: isReturn, module, &source) {
      return id
    }
    guard let map else { return unresolved("[unknown]", image: "", at: address) }
    let name = LocationResolver.dsoName(kernelMapRecords[map.record].path)
    return unresolved(name, image: name, at: address)
  }

  /// A kernel mapping that is not the kernel itself.
  private static func isModule(_ record: MapRecord) -> Bool {
    !record.path.hasPrefix("[kernel.") && !record.path.hasPrefix("[guest.kernel.")
  }

  /// An address in a module, by the module's file.
  private mutating func moduleLocation(
    _ address: UInt64, isReturn: Bool, _ map: AddressSpace.Mapping,
    _ source: inout any ImageSource
  ) -> LocationID? {
    let record = kernelMapRecords[map.record]
    // From the record, not the mapping: a later record may have cut the mapping's beginning off.
    let offset = address &- record.start
    guard
      let image = source.module(
        path: record.path, buildID: record.buildID ?? buildIDs[record.path], release: release),
      let row = row(offset, isReturn: isReturn, image.symbols.row(covering:))
    else { return nil }
    let imageID = imageRow(record.path)
    let id = function(.image(imageID, row: row)) {
      let symbol = image.symbols.name(row)
      return Function(symbol: symbol, name: symbol, origin: .kernel)
    }
    return place(imageID, offset, id)
  }

  private mutating func userLocation(
    _ frame: ChainSplitter.Frame, isReturn: Bool, _ spaces: inout AddressSpaceHistory,
    _ source: inout any ImageSource
  ) -> LocationID {
    guard let map = spaces.space(of: space.key).mapping(covering: frame.address) else {
      return unresolved("[unknown]", image: "", at: frame.address)
    }
    let record = spaces.records[map.record]
    let name = LocationResolver.dsoName(record.path)
    // Offsets come from the file and may wrap: the sum is only looked up, never dereferenced.
    let offset = frame.address - map.start &+ map.pageOffset
    guard
      let image = source.image(path: record.path, buildID: record.buildID ?? buildIDs[record.path])
    else { return unresolved(name, image: name, at: offset) }
    let address = image.address(ofFileOffset: offset)
    guard let row = row(address, isReturn: isReturn, image.symbols.row(covering:)) else {
      return unresolved(name, image: name, at: address)
    }
    let imageID = imageRow(record.path)
    let id = function(.image(imageID, row: row)) {
      let symbol = image.symbols.name(row)
      return Function(symbol: symbol, name: symbol, origin: .application)
    }
    return place(imageID, address, id)
  }

  private mutating func unresolved(_ name: String, image: String, at address: UInt64) -> LocationID
  {
    let id = function(.unresolved(name: name)) {
      Function(symbol: name, name: name, origin: .unresolved)
    }
    return place(imageRow(image), address, id)
  }

  private mutating func place(
    _ image: UInt32, _ address: UInt64, _ function: FunctionID
  ) -> LocationID {
    let key = Place(image: image, address: address, function: function)
    if let id = byPlace[key] { return id }
    let id = LocationID(rawValue: UInt32(table.function.count))
    table.function.append(function)
    table.image.append(image)
    table.address.append(address)
    byPlace[key] = id
    return id
  }

  private mutating func function(_ key: FunctionKey, _ make: () -> Function) -> FunctionID {
    if let id = functionRows[key] { return id }
    let id = FunctionID(functions.count)
    functions.append(make())
    functionRows[key] = id
    return id
  }

  private mutating func imageRow(_ name: String) -> UInt32 {
    if let row = imageRows[name] { return row }
    images.append(name)
    imageRows[name] = UInt32(images.count - 1)
    return UInt32(images.count - 1)
  }

  /// What perf prints for an address without a symbol: the file's last component in brackets.
  private static func dsoName(_ path: String) -> String {
    if path.hasPrefix("[kernel.kallsyms]") { return "[kernel.kallsyms]" }
    if path.hasPrefix("[") { return path }
    let base = path.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
    return "[\(base)]"
  }
}
