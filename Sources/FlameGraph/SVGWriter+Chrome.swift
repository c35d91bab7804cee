import Profiler

// What surrounds the frames: legend, buttons, search field.

extension SVGWriter {
  /// The colours that occur and what they mean.
  mutating func writeLegend() {
    var x = Geometry.margin
    let y = geometry.top - 18
    out += "<g class=\"legend\">\n"
    if let baseline = options.baseline {
      writeBaseline(baseline, y: y)
      out += "</g>\n"
      return
    }
    for origin in FunctionOrigin.allCases where originOccurs(origin) {
      out += "<rect x=\"\(decimal(x))\" y=\"\(decimal(y))\" width=\"12\" height=\"12\" "
      out += "fill=\"\(Palette.colour(of: origin).hex)\"/>"
      x = writeCaption(Palette.caption(origin), x: x + 17, y: y + 10)
    }
    for kind in FlameArrow.Kind.allCases where arrows.contains(where: { $0.kind == kind }) {
      writeLine(kind, path: "M\(decimal(x)) \(decimal(y + 6))h22")
      x = writeCaption(kind.caption, x: x + 28, y: y + 10)
    }
    out += "</g>\n"
  }

  /// What red and blue mean.
  private mutating func writeBaseline(_ baseline: FlameBaseline, y: Double) {
    var x = Geometry.margin
    for (colour, word) in [(Palette.more, "more"), (Palette.less, "less")] {
      out += "<rect x=\"\(decimal(x))\" y=\"\(decimal(y))\" width=\"12\" height=\"12\" "
      out += "fill=\"\(colour.hex)\"/>"
      x = writeCaption("\(word) of the whole than in \(baseline.name)", x: x + 17, y: y + 10)
    }
  }

  private func originOccurs(_ origin: FunctionOrigin) -> Bool {
    let tree = layout.printed.tree
    return layout.frames.dropFirst().contains {
      tree.functions[tree.function[$0.node].index].origin == origin
    }
  }

  /// Writes one caption and returns where the next entry begins.
  private mutating func writeCaption(_ text: String, x: Double, y: Double) -> Double {
    writeText(text, class: "caption", x: x, y: y)
    return x + Double(text.count) * Geometry.columnWidth + 18
  }

  /// Buttons and search field, at the right; without a script they are hidden.
  mutating func writeControls() {
    out += "<g class=\"controls\" transform=\"translate(\(decimal(geometry.width)) 0)\">\n"
    writeButton("reset", "Reset zoom", x: -430, width: 92)
    if !arrows.isEmpty { writeButton("toggle", "Arrows", x: -330, width: 66) }
    writeButton("find", "Search", x: -256, width: 66)
    out += """
      <foreignObject x="-182" y="10" width="172" height="24">\
      <input xmlns="http://www.w3.org/1999/xhtml" class="pattern" type="search" \
      spellcheck="false" placeholder="regular expression" aria-label="Search"/></foreignObject>
      <text class="matched" x="-10" y="50"> </text>
      </g>

      """
  }

  private mutating func writeButton(_ name: String, _ text: String, x: Double, width: Double) {
    out += """
      <g class="button \(name)" role="button" tabindex="0" transform="translate(\(decimal(x)) 10)">\
      <rect width="\(decimal(width))" height="24" rx="4"/>\
      <text x="\(decimal(width / 2))" y="16">\(text)</text></g>

      """
  }
}
