import Foundation

/// Bytes as text of an address: `data:…;base64,`.
enum Base64 {
  static func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
