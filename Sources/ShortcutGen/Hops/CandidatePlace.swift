extension Candidate {
  /// What code and debug information say of a call site.
  public struct Place: Sendable {
    /// The call's file as debug information names it.
    public var file: String?
    /// Line in it, from 1.
    public var line: Int?
    /// Column in it, from 1.
    public var column: Int?
    /// Functions whose code the compiler put into the calling one's, the one that holds the call in
    /// its source first.
    public var inlined: [String]?
    /// The function without a frame that really holds the call.
    public var heldBy: String?
    /// All such functions, where the site's calls come from several places.
    public var holders: [String] = []
    /// Why the calling function can't have made the call.
    public var doubt: String?

    /// Nothing is known.
    public init() {}

    func fill(_ site: inout Site) {
      (site.file, site.line, site.column) = (file, line, column)
      (site.inlined, site.heldBy, site.doubt) = (inlined, heldBy, doubt)
    }
  }
}
