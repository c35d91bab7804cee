/// As much of `text` as `columns` columns hold, with an ellipsis for the rest; `nil` if not even
/// three columns are there.
///
/// Scalars from U+1100 on count as two columns, which East Asian scripts and emoji need.
/// `flamegraph.js` does the same after a zoom.
func fitted(_ text: String, columns: Int) -> String? {
  guard columns >= 3 else { return nil }
  var used = 0
  var kept = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    used += scalar.value < 0x1100 ? 1 : 2
    if used < columns { kept.append(scalar) }
    if used > columns { return String(kept) + "…" }
  }
  return text
}
