// Numbers as they print: the same digits on every machine and in every locale.

/// `part` in percent of `whole` with two digits after the point: `5.86`. Nothing is 0 % of nothing.
func percent(_ part: UInt64, of whole: UInt64) -> String {
  guard whole > 0 else { return "0.00" }
  let hundredths = UInt64((Double(part) / Double(whole) * 10_000).rounded())
  let fraction = String(hundredths % 100)
  return "\(hundredths / 100).\(fraction.count == 1 ? "0" : "")\(fraction)"
}

/// `number` in groups of three digits, set apart by narrow no-break spaces: `1 234 567`.
func grouped(_ number: UInt64) -> String {
  let digits = Array(String(number))
  var result = ""
  for (index, digit) in digits.enumerated() {
    if index > 0 && (digits.count - index) % 3 == 0 { result += "\u{202f}" }
    result.append(digit)
  }
  return result
}

/// `number` to a hundredth and no longer than needed: `12`, `0.1`, `641.67`.
func decimal(_ number: Double) -> String {
  let rounded = (number * 100).rounded() / 100
  return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}

/// `text` moved right to fill `width` columns.
func padded(_ text: String, to width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
