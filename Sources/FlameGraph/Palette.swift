import Profiler

/// A colour with eight bits a channel.
struct Colour: Equatable, Sendable {
  let red: UInt8
  let green: UInt8
  let blue: UInt8

  /// The colour `0xrrggbb`.
  init(_ rgb: UInt32) {
    red = UInt8(truncatingIfNeeded: rgb >> 16)
    green = UInt8(truncatingIfNeeded: rgb >> 8)
    blue = UInt8(truncatingIfNeeded: rgb)
  }

  /// `#rrggbb`, as SVG and Graphviz want it.
  var hex: String {
    let digits = [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "#" + digits.joined()
  }

  /// The colour `share`/255 of the way to `other`.
  func mixed(with other: Colour, share: UInt8) -> Colour {
    func channel(_ a: UInt8, _ b: UInt8) -> UInt32 {
      (UInt32(a) * (255 - UInt32(share)) + UInt32(b) * UInt32(share)) / 255
    }
    return Colour(
      channel(red, other.red) << 16 | channel(green, other.green) << 8
        | channel(blue, other.blue))
  }
}

/// Colours by origin, varied by name.
///
/// Orange against blue is told apart with every common colour blindness; violet is darker than
/// either. All are light enough for dark text (contrast above 5 : 1).
enum Palette {
  /// The two ends between which the functions of an origin are coloured.
  private static func ends(_ origin: FunctionOrigin) -> (Colour, Colour) {
    switch origin {
    case .kernel: (Colour(0xf7c464), Colour(0xee8650))
    case .application: (Colour(0xa3d8ec), Colour(0x74b3e0))
    case .transition: (Colour(0xd09be6), Colour(0xb884dc))
    case .unresolved: (Colour(0xd6d6d6), Colour(0xc4c4c4))
    case .thread: (Colour(0xbfc5ca), Colour(0xadb4ba))
    }
  }

  /// The colour of a function; equal names of equal origin always get the same.
  static func colour(of name: String, _ origin: FunctionOrigin) -> Colour {
    let (from, to) = ends(origin)
    return from.mixed(with: to, share: hash(name))
  }

  /// The middle of an origin's colours, for the legend.
  static func colour(of origin: FunctionOrigin) -> Colour {
    let (from, to) = ends(origin)
    return from.mixed(with: to, share: 128)
  }

  /// The root, which is no function.
  static let root = Colour(0xe2e2e2)

  /// In a comparison, what weighs more than in the baseline.
  static let more = Colour(0xf0614f)
  /// What weighs less.
  static let less = Colour(0x6c9cf0)

  /// What the legend calls an origin.
  static func caption(_ origin: FunctionOrigin) -> String {
    switch origin {
    case .kernel: "kernel"
    case .application: "application"
    case .transition: "kernel entry and exit"
    case .unresolved: "no symbol"
    case .thread: "thread"
    }
  }

  /// FNV-1a folded to eight bits.
  private static func hash(_ name: String) -> UInt8 {
    let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return UInt8(truncatingIfNeeded: hash ^ hash >> 8 ^ hash >> 16 ^ hash >> 24)
  }
}
