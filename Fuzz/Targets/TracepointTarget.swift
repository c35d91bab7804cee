import Profiler

/// Reads the bytes as perf's tracing data, and then their beginning as a record of each tracepoint.
func readTracepoints(_ bytes: [UInt8]) {
  let data: TracingData
  do throws(PerfDataError) {
    data = try TracingData(reading: bytes.span.bytes, at: 0)
  } catch {
    precondition(!error.description.contains("\n"), "an error is one line")
    return
  }
  let formats = TracepointFormat.formats(in: data, of: Set(0..<1024))
  for format in formats.values {
    for field in format.fields {
      for end in [0, 1, 8, 64] where end <= bytes.count {
        _ = field.value(in: bytes.span.bytes, 0..<end, swapped: data.isBigEndian)
      }
    }
  }
}
