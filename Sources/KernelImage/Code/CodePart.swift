internal import Profiler

/// The code of one image, the kernel's or a module's, and where it runs.
struct CodePart {
  let image: KernelImage
  let symbols: ImageSymbols
  let patched: PatchedCode
  /// From its first to one past its last byte of code, in the running kernel; what a module imports
  /// lies behind.
  let running: Range<UInt64>

  /// - Parameter isModule: whether the code that only loading needs is gone from its place.
  init(_ image: KernelImage, _ symbols: ImageSymbols, isModule: Bool) {
    (self.image, self.symbols) = (image, symbols)
    patched = PatchedCode(image)
    let code = image.sections.filter {
      $0.isExecutable && $0.isAllocated && !$0.isEmpty && !(isModule && $0.name.hasPrefix(".init"))
    }
    let start = code.map(\.address).min() ?? 0
    let end = code.map { $0.address.addingClamped($0.size) }.max() ?? start
    let moved = (start &+ symbols.shift, end &+ symbols.shift)
    running = moved.0 < moved.1 ? moved.0..<moved.1 : 0..<0
  }

  /// An address of the image where the running kernel has it.
  func running(_ address: UInt64) -> UInt64 { address &+ symbols.shift }

  /// An address of the running kernel where the image has it.
  func linked(_ address: UInt64) -> UInt64 { address &- symbols.shift }

  /// The names of the function that begins at an address of the image, the shown one first.
  func names(at address: UInt64) -> [String] {
    symbols.row(startingAt: address).map { symbols.aliases($0).reversed() } ?? []
  }
}
