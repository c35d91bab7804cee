import Profiler

extension SVGWriter {
  /// The frames, each with where it is in weight (`data-x`, `data-w`) and the frame it stands on
  /// (`data-p`): all that the script needs to zoom.
  mutating func writeFrames() {
    out += "<g class=\"frames\">\n"
    for frame in layout.frames { write(frame) }
    out += "</g>\n"
  }

  private mutating func write(_ frame: Frame) {
    let name = frame.parent < 0 ? "all" : layout.printed.text(of: frame.node)
    let mark = frame.parent >= 0 && layout.printed.isInlined(frame.node) ? " (inlined)" : ""
    let (x, y) = (geometry.x(frame), geometry.y(frame))
    out += """
      <g class="frame" tabindex="0" data-x="\(frame.x)" data-w="\(frame.weight)" \
      data-p="\(frame.parent)">\
      <title>\(xmlEscaped(name))\(mark)\n\(weightText(frame))</title>\
      <rect x="\(decimal(x))" y="\(decimal(y))" width="\(decimal(geometry.boxWidth(frame)))" \
      height="\(decimal(Geometry.rowHeight - 1))" fill="\(colour(frame, name).hex)"/>
      """
    let columns = Int((geometry.width(frame) - 6) / Geometry.columnWidth)
    if let text = fitted(name, columns: columns) {
      out += "<text x=\"\(decimal(x + 3))\" y=\"\(decimal(y + 12))\">\(xmlEscaped(text))</text>"
    }
    out += "</g>\n"
  }

  private func colour(_ frame: Frame, _ name: String) -> Colour {
    guard frame.parent >= 0 else { return Palette.root }
    if let differences { return differences.colour(frame.node) }
    let function = layout.printed.tree.function[frame.node]
    return Palette.colour(of: name, layout.printed.tree.functions[function.index].origin)
  }

  /// `434 samples, 5.86 %`, in a comparison with the difference.
  private func weightText(_ frame: Frame) -> String {
    let unit = xmlEscaped(printable(options.unit))
    let weight = "\(grouped(frame.weight)) \(unit), \(percent(frame.weight, of: layout.total)) %"
    return weight + (differences.map { "; \($0.text(frame.node))" } ?? "")
  }
}
