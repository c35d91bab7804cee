extension FlameArrow.Kind {
  /// Colour of the arrows.
  var colour: Colour {
    switch self {
    case .bypass: Colour(0x1440c8)
    case .shortcut: Colour(0x0a7a2f)
    }
  }

  /// What the legend says.
  var caption: String {
    switch self {
    case .bypass: "UKL_BYP skips"
    case .shortcut: "a shortcut skips"
    }
  }
}

extension SVGWriter {
  /// The arrows over the frames.
  mutating func writeArrows() {
    guard !arrows.isEmpty else { return }
    out += "<defs>\n"
    for kind in FlameArrow.Kind.allCases { writeHead(kind) }
    out += "</defs>\n<g class=\"arrows\">\n"
    for arrow in arrows { write(arrow) }
    out += "</g>\n"
  }

  private mutating func writeHead(_ kind: FlameArrow.Kind) {
    out += """
      <marker id="\(kind)-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11" \
      markerHeight="11" markerUnits="userSpaceOnUse" orient="auto">\
      <path d="M0 0L10 5L0 10L2.5 5Z" fill="\(kind.colour.hex)"/></marker>

      """
  }

  private mutating func write(_ arrow: PlacedArrow) {
    out += """
      <g class="arrow \(arrow.kind)" data-from="\(arrow.from)" data-to="\(arrow.to)" \
      data-rank="\(arrow.rank)"><title>\(xmlEscaped(arrow.label))</title>
      """
    writeLine(arrow.kind, path: geometry.path(of: arrow, over: layout.frames))
    out += "</g>\n"
  }

  /// A halo that sets the arrow off from what is behind it and takes the pointer, and the line.
  mutating func writeLine(_ kind: FlameArrow.Kind, path: String) {
    out += """
      <path class="halo" d="\(path)"/><path class="line" d="\(path)" \
      stroke="\(kind.colour.hex)" marker-end="url(#\(kind)-head)"/>
      """
  }
}
