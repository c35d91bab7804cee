// Names come from recordings, and recordings from anybody: what no output may carry raw.

/// `text` on one line and harmless to a terminal: control and format characters (escape sequences,
/// newlines, bidirectional overrides, zero-width characters) become `\n`, `\t` or `\u{1b}`.
public func printable(_ text: String) -> String {
  let isPlain = text.utf8.withContiguousStorageIfAvailable { bytes in
    bytes.allSatisfy { 0x20..<0x7f ~= $0 }
  }
  if isPlain == true { return text }  // nearly all
  guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case _ where isUnprintable(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator: return true
  default: return false
  }
}
