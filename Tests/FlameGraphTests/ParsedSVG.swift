import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a real XML parser finds in an SVG document.
final class ParsedSVG: NSObject, XMLParserDelegate {
  struct Element {
    let name: String
    let attributes: [String: String]
    var text = ""
  }

  private(set) var elements: [Element] = []
  private(set) var failure: String?
  private var open: [Int] = []

  init(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    if !parser.parse() {
      failure = "\(parser.lineNumber): \(String(describing: parser.parserError))"
    }
  }

  /// The elements of a class, in document order.
  func all(_ name: String, class kind: String) -> [Element] {
    elements.filter {
      $0.name == name && ($0.attributes["class"] ?? "").split(separator: " ").contains(kind[...])
    }
  }

  /// The first line of each frame's title: its name.
  var frameNames: [String] {
    elements.filter { $0.name == "title" && $0.text.contains(" %") }
      .compactMap { $0.text.split(separator: "\n").first.map(String.init) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if let last = open.last { elements[last].text += string }
  }

  func parser(_ parser: XMLParser, foundCDATA block: Data) {
    if let last = open.last { elements[last].text += String(decoding: block, as: UTF8.self) }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }
}
