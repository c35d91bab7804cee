import Foundation
import TestSupport
import Testing

/// The series of all families in the kernel's sources, as `lab/series` tries it; no vmlinux is linked.
@Suite struct SeriesTests {
  @Test func stubsOfAllFamiliesBuildInPlace() throws {
    for tool in ["python3", "make", "gcc", "git", "perl", "sparse", "flex", "bison", "bc"]
    where Place.tool(tool) == nil {
      return skipped("\(tool) is not installed")
    }
    guard FileManager.default.fileExists(atPath: "/usr/src/linux-source-6.1.tar.xz") else {
      return skipped("linux-source-6.1 is not installed")
    }
    let program = try #require(Place.program).path
    // Unpacked once and kept for other runs in the build folder, which belongs to whoever runs them.
    let work = Place.repository.appending(path: ".build/ukl-series").path
    let policies = ["faithful", "lean-no-guards"]
    let run = try Program.run(
      "python3",
      [
        Place.repository.appending(path: "lab/series").path, "--objects", "--program", program,
        "--work", work,
      ] + policies.flatMap { ["--policy", $0] })
    #expect(run.status == 0, "\(run.text)\(run.stderr)")
    for policy in policies {
      for finding in [
        "checkpatch of 9 patches", "git am", "generating again shows no difference",
        "gcc W=1 and sparse of 11 files", "kernel-doc", "every stub is in its object",
        "another leaf in a table does not compile",
      ] {
        #expect(run.lines.contains("ok: \(policy): \(finding)"))
      }
    }
  }
}
