import CTraceEvent

/// A tracepoint as the recorded kernel described it.
public struct TracepointFormat: Sendable, Equatable {
  /// Its system, `sched`.
  public let system: String
  /// Its name, `sched_switch`.
  public let name: String
  /// Its own fields, without the ones all tracepoints have.
  public let fields: [Field]

  /// A field of the record that is in a sample's raw data.
  public struct Field: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Bytes from the record's begin.
    let offset: Int
    /// 1, 2, 4 or 8 for whole numbers.
    let size: Int
    let isSigned: Bool
    /// False for arrays and texts.
    let isNumber: Bool
  }

  /// The first whole number among `names` that the tracepoint has.
  func number(_ names: [String]) -> Field? {
    let numbers = fields.filter(\.isNumber)
    return names.lazy.compactMap { name in numbers.first { $0.name == name } }.first
  }
}

extension TracepointFormat {
  /// The formats of the tracepoints with these ids (`config` of their attributes), by id; parsed by
  /// libtraceevent.
  package static func formats(
    in data: TracingData, of wanted: Set<UInt64>
  ) -> [UInt64: TracepointFormat] {
    guard !wanted.isEmpty, let handle = tep_alloc() else { return [:] }
    defer { tep_free(handle) }
    tep_set_loglevel(TEP_LOG_NONE)
    tep_set_file_bigendian(handle, data.isBigEndian ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN)
    tep_set_long_size(handle, Int32(data.longSize))
    for (system, text) in data.formats {
      guard let id = id(in: text), wanted.contains(id), let fields = fieldsAlone(text, id: id)
      else { continue }
      // SAFETY: libtraceevent reads so many bytes of the array and copies what it keeps.
      _ = unsafe fields.withUnsafeBytes { bytes in
        unsafe tep_parse_event(
          handle, bytes.bindMemory(to: CChar.self).baseAddress, UInt(fields.count), system)
      }
    }
    let pairs = wanted.compactMap { id in
      Int32(exactly: id).flatMap { unsafe tep_find_event(handle, $0) }
        .map { (id, unsafe TracepointFormat(copying: $0)) }
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The number in the line `ID: 613`.
  private static func id(in text: [UInt8]) -> UInt64? {
    text.split(separator: UInt8(ascii: "\n")).prefix(4).lazy
      .compactMap { line -> UInt64? in
        let line = String(decoding: line, as: UTF8.self)
        return line.hasPrefix("ID: ") ? UInt64(line.dropFirst(4)) : nil
      }.first
  }

  /// What libtraceevent is given: the name, the id and the lines of fields that are as a kernel writes
  /// them, since it crashes on others. How a record is printed is a C expression of any depth, and
  /// nobody here asks for it.
  ///
  ///     field:__data_loc char[] name;	offset:8;	size:4;	signed:0;
  ///     field:char prev_comm[16];	offset:8;	size:16;	signed:0;
  ///
  /// Source: `f_show` in `kernel/trace/trace_events.c`; old kernels wrote no `signed`.
  private static func fieldsAlone(_ text: [UInt8], id: UInt64) -> [UInt8]? {
    let lines = String(decoding: text, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.hasPrefix("print fmt:") }
    guard let name = lines.first?.wholeMatch(of: /name: (\w+)/)?.output.1 else { return nil }
    let declaration =
      #/(?:[A-Za-z_]\w*(?:\[\w*\])?[ *]+)+[A-Za-z_]\w*(?:\[[\w +*\/()\-]*\])?/#
    let numbers = /offset:\d{1,9};\tsize:\d{1,9};(?:\tsigned:[01];)?/
    let fields = lines.filter { line in
      guard line.utf8.count < 512, line.hasPrefix("\tfield:"),
        let end = line.firstRange(of: ";\t")
      else { return false }
      return line[..<end.lowerBound].dropFirst("\tfield:".count).wholeMatch(of: declaration) != nil
        && line[end.upperBound...].wholeMatch(of: numbers) != nil
    }
    let common = fields.prefix { $0.contains(" common_") }
    let whole =
      ["name: \(name)", "ID: \(id)", "format:"] + common + [""] + fields.dropFirst(common.count)
      + ["", "print fmt: \"\"", ""]
    return Array(whole.joined(separator: "\n").utf8)
  }

  private init(copying event: UnsafeMutablePointer<tep_event>) {
    // SAFETY: the event belongs to a handle that lives until this has returned; its texts are
    // copied.
    unsafe self.init(
      system: String(cString: event.pointee.system), name: String(cString: event.pointee.name),
      fields: Field.list(event.pointee.format.fields))
  }
}

extension TracepointFormat.Field {
  /// Copies libtraceevent's linked list.
  fileprivate static func list(
    _ first: UnsafeMutablePointer<tep_format_field>?
  ) -> [TracepointFormat.Field] {
    var fields: [TracepointFormat.Field] = []
    var next = unsafe first
    while let field = unsafe next?.pointee {
      unsafe fields.append(TracepointFormat.Field(field))
      unsafe next = field.next
    }
    return fields
  }

  private init(_ field: tep_format_field) {
    func has(_ flag: tep_format_flags) -> Bool { unsafe field.flags & UInt(flag.rawValue) != 0 }
    let isText = has(TEP_FIELD_IS_ARRAY) || has(TEP_FIELD_IS_STRING) || has(TEP_FIELD_IS_DYNAMIC)
    unsafe self.init(
      name: String(cString: field.name), offset: Int(field.offset), size: Int(field.size),
      isSigned: has(TEP_FIELD_IS_SIGNED),
      isNumber: !isText && field.offset >= 0 && [1, 2, 4, 8].contains(field.size))
  }

  /// The field's value in a sample's raw data; nil where the data end before it.
  package func value(in body: RawSpan, _ raw: Range<Int>, swapped: Bool) -> Int64? {
    guard offset + size <= raw.count else { return nil }
    let place = raw.lowerBound + offset
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> Int64 {
      Int64(truncatingIfNeeded: body.load(T.self, at: place, swapped: swapped))
    }
    switch (size, isSigned) {
    case (1, true): return load(Int8.self)
    case (1, false): return load(UInt8.self)
    case (2, true): return load(Int16.self)
    case (2, false): return load(UInt16.self)
    case (4, true): return load(Int32.self)
    case (4, false): return load(UInt32.self)
    default: return load(UInt64.self)
    }
  }
}
