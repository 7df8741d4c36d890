/// What this program is, and since when it runs.
package struct Build {
    package static let version = "0.1.0"

    /// The revision of the source; empty if nobody knows.
    let revision: String
    let start = WallTime.now()

    package init(revision: String) {
        self.revision = revision
    }
}
