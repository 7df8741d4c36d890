/// The paths that are not those of ordinary calls.
package struct SessionPaths: Sendable {
    private let pages: [[UInt8]]
    private let requestStreams: [[UInt8]]
    private let unbounded: [[UInt8]]

    /// - Parameters:
    ///   - pages: what GET and HEAD may ask for.
    ///   - requestStreams: calls whose requests are streams of messages, which are given out one by one. They have no
    ///     default timeout.
    ///   - unbounded: other calls without a default timeout.
    package init(pages: [String] = [], requestStreams: [String] = [], unbounded: [String] = []) {
        self.pages = pages.map { Array($0.utf8) }
        self.requestStreams = requestStreams.map { Array($0.utf8) }
        self.unbounded = unbounded.map { Array($0.utf8) }
    }

    /// With a query or without.
    func isPage(_ path: UnsafeRawBufferPointer) -> Bool {
        let end = path.firstIndex(of: UInt8(ascii: "?")) ?? path.endIndex
        return Self.contains(UnsafeRawBufferPointer(rebasing: path[..<end]), in: pages)
    }

    func takesStream(_ path: UnsafeRawBufferPointer) -> Bool { Self.contains(path, in: requestStreams) }

    func isUnbounded(_ path: UnsafeRawBufferPointer) -> Bool {
        Self.contains(path, in: requestStreams) || Self.contains(path, in: unbounded)
    }

    private static func contains(_ path: UnsafeRawBufferPointer, in paths: [[UInt8]]) -> Bool {
        paths.contains { $0.count == path.count && path.elementsEqual($0) }
    }
}
