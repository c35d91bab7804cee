// Names come from recordings, and recordings from anybody: what no output may carry raw.

/// `text` as XML character data or attribute value; characters that XML 1.0 does not allow become
/// U+FFFD.
///
/// - Source: XML 1.0 (fifth edition), productions [2] Char, [10] AttValue and [14] CharData.
func xmlEscaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case _ where !isXMLCharacter(scalar): result += "\u{fffd}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func isXMLCharacter(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x09, 0x0a, 0x0d, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
  default: false
  }
}

/// `text` as a quoted Graphviz string that prints as itself: no escape such as `\N` and no entity
/// such as `&lt;` in it has a meaning. Characters that Graphviz could not write as SVG become U+FFFD.
///
/// - Source: Graphviz documentation, "The DOT Language" and "escString".
func dotQuoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "&": result += "&amp;"
    case _ where !isXMLCharacter(scalar): result += "\u{fffd}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
