import Glibc

/// Finds byte strings in files at memory speed.
enum ByteSearch {
  /// Whether `needle` occurs in `text`; true for an empty needle.
  static func contains(_ needle: [UInt8], in text: [UInt8]) -> Bool {
    text.withUnsafeBytes { hay in
      needle.withUnsafeBytes { pin in
        guard let pinBase = pin.baseAddress else { return true }
        guard let hayBase = hay.baseAddress else { return false }
        // SAFETY: both buffers outlive the call and are passed with their own lengths.
        return memmem(hayBase, hay.count, pinBase, pin.count) != nil
      }
    }
  }
}
