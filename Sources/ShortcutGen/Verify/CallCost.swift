/// What one call costs in instructions: the least of many, counted by an emulator.
public struct CallCost: Sendable, Codable, Equatable {
  /// `shortcut_tcp_read`.
  public let stub: String
  /// Bytes moved.
  public let size: Int
  /// The system call as the application makes it.
  public let syscall: Int
  /// Its body, called in the kernel.
  public let ordinary: Int
  /// The stub, called in the kernel.
  public let instructions: Int

  /// What a stub saves of the body: what its guards and copies cost is subtracted.
  public var net: Int { ordinary - instructions }

  init?(_ line: LabLine) {
    guard let stub = line.cost, let size = line.size.flatMap({ Int($0) }),
      let syscall = line.syscall.flatMap({ Int($0) }),
      let ordinary = line.ordinary.flatMap({ Int($0) }),
      let instructions = line.stub.flatMap({ Int($0) })
    else { return nil }
    self.stub = stub
    self.size = size
    self.syscall = syscall
    self.ordinary = ordinary
    self.instructions = instructions
  }
}
