import TestSupport
import Testing

@testable import Profiler

/// The files that mappings name, each once.
@Suite struct RecordedFilesTests {
  @Test(arguments: ByteWriter.Order.allCases)
  func processesShareThem(order: ByteWriter.Order) throws {
    let (id, other) = ([UInt8](repeating: 1, count: 20), [UInt8](repeating: 2, count: 20))
    var file = PerfDataBuilder(order, attributes: [.init(SampleBit.usual)])
    for pid in [Int32(1), 2] {
      file.mmap2("/bin/a", pid: pid, start: 0x1000, length: 0x1000, buildID: id)
      file.mmap2("/bin/ab", pid: pid, start: 0x3000, length: 0x1000, buildID: id)
      file.mmap2("/bin/a", pid: pid, start: 0x5000, length: 0x1000, buildID: other)
      file.mmap2("/bin/a", pid: pid, start: 0x7000, length: 0x1000)
      file.mmap("/bin/a", pid: pid, start: 0x9000, length: 0x1000)
    }
    let timeline = try read(file).timeline
    #expect(timeline.maps.map(\.file) == [0, 1, 2, 3, 3, 0, 1, 2, 3, 3])
    #expect(timeline.maps.map(\.pid) == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    #expect((0..<4).map { timeline.files[$0].path } == ["/bin/a", "/bin/ab", "/bin/a", "/bin/a"])
    #expect((0..<4).map { timeline.files[$0].buildID?.bytes } == [id, id, other, nil])
  }
}
