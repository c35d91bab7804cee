/// Numbers the functions and images that addresses turn out to lie in, in the order of first
/// appearance.
struct FunctionTable: Sendable {
  private(set) var functions: [Function] = []
  /// Names of the images, as perf prints them.
  var images: [String] { imageFiles.map(\.path) }
  /// What makes each function the same in another table.
  private var keys: [Key] = []
  /// A file that was replaced while recording is another image of the same name.
  private var imageFiles: [RecordedFile] = []
  private var imageRows: [RecordedFile: UInt32] = [:]
  private var namedRows: [String: UInt32] = [:]
  /// Ids by symbol row: of the kernel, then of each image.
  private var kernelIDs = IntegerMap()
  private var imageIDs: [IntegerMap] = []
  private var unresolvedIDs: [String: FunctionID] = [:]
  private var inlinedIDs: [Function: FunctionID] = [:]

  private enum Key: Sendable {
    case kernel(row: Int)
    case image(UInt32, row: Int)
    case inlined
    case unresolved
  }

  /// The row of what perf prints by a name and is no file, or of which only the name is known.
  mutating func image(_ name: String) -> UInt32 {
    if let row = namedRows[name] { return row }
    let row = image(of: RecordedFile(name))
    namedRows[name] = row
    return row
  }

  /// The row of an image.
  mutating func image(of file: RecordedFile) -> UInt32 {
    if let row = imageRows[file] { return row }
    let row = UInt32(imageFiles.count)
    imageFiles.append(file)
    imageIDs.append(IntegerMap())
    imageRows[file] = row
    return row
  }

  /// The function of a row of the kernel's symbols.
  mutating func kernel(row: Int, _ make: () -> Function) -> FunctionID {
    if let id = kernelIDs.row(of: UInt64(row)) { return FunctionID(Int(id)) }
    let id = add(make(), .kernel(row: row))
    kernelIDs.insert(UInt64(row), id.rawValue)
    return id
  }

  /// The function of a row of an image's symbols.
  mutating func image(_ image: UInt32, row: Int, _ make: () -> Function) -> FunctionID {
    if let id = imageIDs[Int(image)].row(of: UInt64(row)) { return FunctionID(Int(id)) }
    let id = add(make(), .image(image, row: row))
    imageIDs[Int(image)].insert(UInt64(row), id.rawValue)
    return id
  }

  /// A function that is inlined into one of that origin, wherever.
  mutating func inlined(_ name: String, into origin: FunctionOrigin) -> FunctionID {
    let function = Function(symbol: name, name: name, origin: origin, isInlined: true)
    if let id = inlinedIDs[function] { return id }
    let id = add(function, .inlined)
    inlinedIDs[function] = id
    return id
  }

  /// What stands for addresses without a symbol.
  mutating func unresolved(_ name: String) -> FunctionID {
    if let id = unresolvedIDs[name] { return id }
    let id = add(Function(symbol: name, name: name, origin: .unresolved), .unresolved)
    unresolvedIDs[name] = id
    return id
  }

  /// Adds a function that is the same as no other.
  mutating func add(unkeyed function: Function) -> FunctionID { add(function, .unresolved) }

  private mutating func add(_ function: Function, _ key: Key) -> FunctionID {
    functions.append(function)
    keys.append(key)
    return FunctionID(functions.count - 1)
  }

  /// Adds another table's functions and images in their order.
  ///
  /// - Returns: for each of the other's the number here.
  mutating func merge(
    _ other: FunctionTable
  ) -> (functions: [FunctionID], images: [UInt32]) {
    let images = other.imageFiles.map { image(of: $0) }
    let functions = zip(other.functions, other.keys).map { function, key in
      switch key {
      case .kernel(let row): kernel(row: row) { function }
      case .image(let image, let row): self.image(images[Int(image)], row: row) { function }
      case .inlined: inlined(function.name, into: function.origin)
      case .unresolved: unresolved(function.symbol)
      }
    }
    return (functions, images)
  }
}
