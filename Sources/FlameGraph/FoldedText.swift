public import Profiler

/// Folded stacks, the interchange format of flame graphs: `thread;outermost;…;leaf weight`.
///
/// One line for each distinct printed path that samples ended in, in bytewise order of the lines.
/// A `;` inside a name becomes `:`, control characters are escaped, and blanks in a thread's name
/// become `_`; all else stays as it is.
///
/// - Source: stackcollapse-perf.pl of brendangregg/FlameGraph.
public struct FoldedText: Sendable {
  private let stacks: LabelledStacks
  /// The printed names; labels ascend with the bytes of name and `;`.
  private let names: LabelNames
  /// Rows of `stacks` in the order of their lines.
  private let order: [UInt32]
  private let workers: Int

  /// Sorts the lines.
  ///
  /// - Parameters:
  ///   - spelling: which name of each function is written.
  ///   - workers: threads to work with; the result is the same with any number.
  public init(_ folded: FoldedStacks, spelling: FunctionSpelling = .symbol, workers: Int = 1) {
    let labels = FoldedLabels(folded, spelling)
    let stacks = LabelledStacks(folded, functions: labels.ofFunction, comms: labels.ofComm)
    let comparison = LineComparison(stacks: stacks, names: labels.names)
    names = LabelNames(labels.names)
    self.workers = workers
    self.stacks = stacks
    order = sorted(UInt32(stacks.count), workers: workers, by: comparison.precedes)
  }

  /// Hands out the text in UTF-8, a chunk of whole lines at a time.
  public func write(to output: ([UInt8]) throws -> Void) rethrows {
    // Few, so that a chunk stays in the cache; of several threads each works a while before all meet.
    let lines = workers > 1 ? 256 : 64
    let chunks = (order.count + lines - 1) / lines
    for first in stride(from: 0, to: chunks, by: workers) {
      let texts = concurrently(min(workers, chunks - first)) { piece in
        let start = (first + piece) * lines
        return text(of: order[start..<min(start + lines, order.count)])
      }
      for text in texts { try output(text) }
    }
  }

  /// The whole text.
  public var bytes: [UInt8] {
    var all: [UInt8] = []
    write { all += $0 }
    return all
  }

  private func text(of rows: ArraySlice<UInt32>) -> [UInt8] {
    var writer = LineWriter(names: names, rows: rows.count)
    for row in rows {
      let path = stacks.frames[stacks.ends[Int(row)]..<stacks.ends[Int(row) + 1]]
      writer.write(path, weight: stacks.weight[Int(row)])
    }
    return writer.text
  }
}

/// Printed names in one blob, by label.
private struct LabelNames: Sendable {
  private var text: [UInt8] = []
  private var ends: [Int] = [0]

  init(_ names: [[UInt8]]) {
    for name in names {
      text += name
      ends.append(text.count)
    }
  }

  /// Bytes of a name.
  @inline(__always)
  func count(_ label: UInt32) -> Int { ends[Int(label) + 1] - ends[Int(label)] }

  /// A slice of the text would be counted as a reference to it, once for each name of each line.
  @inline(__always)
  func append(_ label: UInt32, to line: inout OutputSpan<UInt8>) {
    text.span.bytes.extracting(ends[Int(label)]..<ends[Int(label) + 1]).append(to: &line)
  }
}

/// The distinct printed names of threads and functions, sorted, and which one each has.
private struct FoldedLabels {
  private(set) var names: [[UInt8]] = []
  private(set) var ofFunction: [UInt32] = []
  private(set) var ofComm: [UInt32] = []

  init(_ folded: FoldedStacks, _ spelling: FunctionSpelling) {
    let functions = folded.functions.map { FoldedLabels.field($0, spelling) }
    let comms = folded.comms.map {
      FoldedLabels.field(Function(symbol: $0, name: $0, origin: .thread), spelling)
    }
    let fields = functions + comms
    var labels = [UInt32](repeating: 0, count: fields.count)
    for row in fields.indices.sorted(by: { FoldedLabels.precedes(fields[$0], fields[$1]) }) {
      if names.last != fields[row] { names.append(fields[row]) }
      labels[row] = UInt32(names.count - 1)
    }
    ofFunction = Array(labels[..<functions.count])
    ofComm = Array(labels[functions.count...])
  }

  /// The bytewise order of names with a `;` behind them.
  private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    let separator = UInt8(ascii: ";")
    var place = 0
    while place < a.count, place < b.count, a[place] == b[place] { place += 1 }
    // No name has a `;` in it, so these are equal only where both names end.
    return (place < a.count ? a[place] : separator) < (place < b.count ? b[place] : separator)
  }

  private static func field(_ function: Function, _ spelling: FunctionSpelling) -> [UInt8] {
    let field = Array(spelling.text(of: function).utf8)
    let isThread = function.origin == .thread
    guard field.contains(UInt8(ascii: ";")) || isThread && field.contains(UInt8(ascii: " ")) else {
      return field
    }
    return field.map { unit in
      switch unit {
      case UInt8(ascii: ";"): UInt8(ascii: ":")
      case UInt8(ascii: " ") where isThread: UInt8(ascii: "_")
      default: unit
      }
    }
  }
}

/// The bytewise order of lines, without writing them.
private struct LineComparison: Sendable {
  let stacks: LabelledStacks
  let names: [[UInt8]]

  func precedes(_ a: UInt32, _ b: UInt32) -> Bool {
    let (startA, startB) = (stacks.ends[Int(a)], stacks.ends[Int(b)])
    var (frameA, frameB) = (stacks.ends[Int(a) + 1] - 1, stacks.ends[Int(b) + 1] - 1)
    while stacks.frames[frameA] == stacks.frames[frameB] {
      // Two paths are never equal: where one ends, its blank stands before the other's `;`.
      if frameA == startA { return frameB > startB }
      if frameB == startB { return false }
      (frameA, frameB) = (frameA - 1, frameB - 1)
    }
    guard frameA == startA || frameB == startB else {
      return stacks.frames[frameA] < stacks.frames[frameB]
    }
    return ending(frameA, frameA == startA, stacks.weight[Int(a)])
      .lexicographicallyPrecedes(ending(frameB, frameB == startB, stacks.weight[Int(b)]))
  }

  /// A name and what follows it in its line.
  private func ending(_ frame: Int, _ isLeaf: Bool, _ weight: UInt64) -> [UInt8] {
    names[Int(stacks.frames[frame])] + (isLeaf ? " \(weight)" : ";").utf8
  }
}

/// Writes lines one behind the other; of each only what differs from the one before is put together.
private struct LineWriter {
  private(set) var text: [UInt8] = []
  private let names: LabelNames
  /// The path of the line written last.
  private var line: [UInt8] = []
  private var labels: ArraySlice<UInt32> = []

  /// Bytes of most lines, and of the largest weight with a blank and a newline.
  private static let (usualLength, longestEnd) = (2048, 22)

  /// - Parameter rows: how many lines there will be.
  init(names: LabelNames, rows: Int) {
    self.names = names
    text.reserveCapacity(LineWriter.usualLength * rows)
  }

  /// - Parameter path: labels, leaf first.
  mutating func write(_ path: ArraySlice<UInt32>, weight: UInt64) {
    var kept = 0
    while kept < min(labels.count, path.count),
      labels[labels.endIndex - 1 - kept] == path[path.endIndex - 1 - kept]
    {
      kept += 1
    }
    func length(_ part: ArraySlice<UInt32>) -> Int {
      part.reduce(0) { $0 + names.count($1) + 1 }
    }
    let (new, names) = (path.dropLast(kept), names)
    line.removeSubrange(length(path.suffix(kept))...)
    line.append(addingCapacity: length(new)) { line in
      for label in new.reversed() {
        names.append(label, to: &line)
        line.append(UInt8(ascii: ";"))
      }
    }
    labels = path
    let line = line
    text.append(addingCapacity: line.count + LineWriter.longestEnd) { text in
      line.span.bytes.extracting(droppingLast: 1).append(to: &text)
      text.append(UInt8(ascii: " "))
      for digit in String(weight).utf8 { text.append(digit) }
      text.append(UInt8(ascii: "\n"))
    }
  }
}

/// The numbers below `count` in the order of `precedes`.
private func sorted(
  _ count: UInt32, workers: Int, by precedes: @Sendable (UInt32, UInt32) -> Bool
) -> [UInt32] {
  let pieces = UInt32(max(1, min(workers, Int(count) / 4096)))
  let runs = concurrently(Int(pieces)) { piece in
    let piece = UInt32(piece)
    return (count / pieces * piece..<(piece + 1 == pieces ? count : count / pieces * (piece + 1)))
      .sorted(by: precedes)
  }
  return runs.dropFirst().reduce(runs[0]) { merged($0, $1, by: precedes) }
}

private func merged(
  _ a: [UInt32], _ b: [UInt32], by precedes: (UInt32, UInt32) -> Bool
) -> [UInt32] {
  var result: [UInt32] = []
  result.reserveCapacity(a.count + b.count)
  var (i, j) = (0, 0)
  while i < a.count, j < b.count {
    if precedes(b[j], a[i]) {
      result.append(b[j])
      j += 1
    } else {
      result.append(a[i])
      i += 1
    }
  }
  return result + a[i...] + b[j...]
}
