import Glibc
import SystemPackage

/// The bytes of a recording, however it came: a file, standard input, either of them packed, or a
/// folder of files.
struct RecordingSource: ~Copyable {
  /// Header, attributes, feature sections and records.
  let file: MappedFile
  /// Of a directory recording the further files, which hold records only, in the order of their
  /// numbers; nil where the recording is no directory.
  let streams: [MappedFile]?
  /// Why a packed file could not be unpacked to its end, or which of a folder's files is missing.
  let damage: PerfDataError?

  /// - Parameter path: `-` is standard input.
  static func open(_ path: FilePath) throws(PerfDataError) -> RecordingSource {
    let file: MappedFile
    do throws(Errno) {
      file = try path == "-" ? MappedFile.rest(of: .standardInput) : MappedFile.openOrRead(path)
    } catch .isDirectory {
      return try openDirectory(path)
    } catch {
      throw PerfDataError(.io("\(error)"), at: 0, in: "recording")
    }
    guard let packing = Packing(file.bytes, among: Packing.ofRecordings) else {
      return RecordingSource(file: file, streams: nil, damage: nil)
    }
    return try unpack(file, packing)
  }

  private static func unpack(
    _ packed: MappedFile, _ packing: Packing
  ) throws(PerfDataError) -> RecordingSource {
    var unpacking = try Unpacking(packing)
    let (file, damage): (MappedFile, PerfDataError?)
    do throws(Errno) {
      (file, damage) = try unpacking.unpack(packed.bytes)
    } catch {
      throw PerfDataError(
        .io("\(error), where it is unpacked to (TMPDIR)"), at: 0, in: "\(packing) data")
    }
    // Not even the header of a pipe came out.
    if let damage, file.count < 16 { throw damage }
    return RecordingSource(file: file, streams: nil, damage: damage)
  }

  /// What `perf record --threads` and `--kcore` write: `data` and, of each thread, `data.N`.
  private static func openDirectory(_ path: FilePath) throws(PerfDataError) -> RecordingSource {
    let file: MappedFile
    do throws(Errno) {
      file = try MappedFile.open(path.appending("data"))
    } catch {
      throw PerfDataError(
        .io("a folder whose 'data' can't be read (\(error)): no directory recording"), at: 0,
        in: "recording")
    }
    let (streams, damage) = try streams(in: path)
    return RecordingSource(file: file, streams: streams, damage: damage)
  }

  /// Further files of a folder that are looked for behind the last one.
  private static let widestGap = 1024

  /// `data.0`, `data.1`, … and which of them is missing: perf numbers its threads without gaps.
  private static func streams(
    in folder: FilePath
  ) throws(PerfDataError) -> (files: [MappedFile], damage: PerfDataError?) {
    var streams: [MappedFile] = []
    var (number, next, missing) = (0, 0, Int?.none)
    while number < next + widestGap {
      do throws(Errno) {
        streams.append(try MappedFile.open(folder.appending("data.\(number)")))
        if number > next { missing = missing ?? next }
        next = number + 1
      } catch .noSuchFileOrDirectory {
        // Perhaps only this one is gone.
      } catch {
        throw PerfDataError(.io("data.\(number): \(error)"), at: 0, in: "recording")
      }
      number += 1
    }
    let damage = missing.map {
      PerfDataError(
        .io("data.\($0) is not in the folder, \(next - streams.count) of \(next) are missing"),
        at: 0, in: "recording")
    }
    return (streams, damage)
  }
}
