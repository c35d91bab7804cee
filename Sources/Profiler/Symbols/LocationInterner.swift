/// Numbers the distinct locations, whichever processes they were mapped into.
///
/// Where addresses don't matter, a location is its function.
struct LocationInterner: Sendable {
  private let keepsAddresses: Bool
  private(set) var table = LocationTable()
  /// Locations by address, for each image.
  private var byAddress: [IntegerMap] = []
  /// Where an address is in two functions: sampled, it is in the one it begins; as a return address
  /// in the one before.
  private var others: [Place: LocationID] = [:]

  private struct Place: Hashable {
    let image: UInt32
    let address: UInt64
    let function: FunctionID
  }

  init(keepsAddresses: Bool = true) { self.keepsAddresses = keepsAddresses }

  /// The location of an address in an image.
  mutating func location(
    _ image: UInt32, _ address: UInt64, _ function: FunctionID
  ) -> LocationID {
    guard keepsAddresses else { return LocationID(rawValue: function.rawValue) }
    while byAddress.count <= Int(image) { byAddress.append(IntegerMap()) }
    let new = UInt32(table.function.count)
    let row = byAddress[Int(image)].row(of: address, orInsert: new)
    if row == new { return append(image, address, function) }
    if table.function[Int(row)] == function { return LocationID(rawValue: row) }
    let place = Place(image: image, address: address, function: function)
    if let id = others[place] { return id }
    let id = append(image, address, function)
    others[place] = id
    return id
  }

  private mutating func append(
    _ image: UInt32, _ address: UInt64, _ function: FunctionID
  ) -> LocationID {
    table.function.append(function)
    table.image.append(image)
    table.address.append(address)
    return LocationID(rawValue: UInt32(table.function.count - 1))
  }
}
