/// The program's version, as it stands in CHANGELOG.md.
enum Version {
  static let current = "0.1.0"
}
