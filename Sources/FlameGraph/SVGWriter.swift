import Profiler

/// Writes a ``Layout`` as SVG, part by part from top to bottom.
struct SVGWriter {
  let layout: Layout
  let geometry: Geometry
  let options: FlameOptions
  let arrows: [PlacedArrow]
  let differences: Differences?
  var out = ""

  init(_ layout: Layout, options: FlameOptions) {
    self.layout = layout
    self.options = options
    geometry = Geometry(layout, options: options)
    arrows = PlacedArrow.place(options.arrows, on: layout)
    differences = options.baseline.map { Differences($0, layout.printed) }
  }

  /// The whole document.
  mutating func document() -> String {
    writeOpening()
    writeHeading()
    writeLegend()
    writeFrames()
    writeArrows()
    writeInfo()
    writeControls()
    writeAsset("script", PackageResources.flamegraph_js)
    out += "</svg>\n"
    return out
  }

  private mutating func writeOpening() {
    let (width, height) = (decimal(geometry.width), decimal(geometry.height))
    out += """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" class="flame" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" data-total="\(layout.total)">

      """
    writeAsset("style", PackageResources.flamegraph_css)
    out += "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
  }

  /// Neither asset contains the end of a CDATA section.
  private mutating func writeAsset(_ element: String, _ bytes: [UInt8]) {
    out += "<\(element)><![CDATA[\n\(String(decoding: bytes, as: UTF8.self))]]></\(element)>\n"
  }

  private mutating func writeHeading() {
    writeText(options.title, class: "title", x: Geometry.margin, y: 26)
    guard !options.subtitle.isEmpty else { return }
    writeText(options.subtitle, class: "subtitle", x: Geometry.margin, y: 45)
  }

  /// The line below the frames, which the script fills while the pointer moves.
  private mutating func writeInfo() {
    let y = decimal(geometry.height - Geometry.footer)
    out += "<g class=\"info\" transform=\"translate(0 \(y))\">"
    out += "<rect class=\"paper\" width=\"100%\" height=\"\(decimal(Geometry.footer))\"/>"
    writeText(" ", class: "details", x: Geometry.margin, y: 22)
    out += "</g>\n"
  }

  /// One line of text.
  mutating func writeText(_ text: String, class name: String, x: Double, y: Double) {
    let text = xmlEscaped(printable(text))
    out += "<text class=\"\(name)\" x=\"\(decimal(x))\" y=\"\(decimal(y))\">\(text)</text>\n"
  }
}
