/// The paths that the session has to know.
package struct SessionPaths: Sendable {
    private let pages: [[UInt8]]
    private let requestStreams: [[UInt8]]
    private let unbounded: [[UInt8]]
    private let calls: [[UInt8]]

    /// - Parameters:
    ///   - pages: what GET and HEAD may ask for.
    ///   - requestStreams: calls whose requests are streams of messages, which are given out one by one. They have no
    ///     default timeout.
    ///   - unbounded: other calls without a default timeout.
    ///   - calls: all that can be called, for errors that name it.
    package init(
        pages: [String] = [],
        requestStreams: [String] = [],
        unbounded: [String] = [],
        calls: [String] = []
    ) {
        self.pages = pages.map { Array($0.utf8) }
        self.requestStreams = requestStreams.map { Array($0.utf8) }
        self.unbounded = unbounded.map { Array($0.utf8) }
        self.calls = calls.map { Array($0.utf8) }
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

    /// The name of what can be called at a path.
    func operation(_ path: UnsafeRawBufferPointer) -> String? {
        guard Self.contains(path, in: calls), let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(decoding: path[(slash + 1)...], as: UTF8.self)
    }

    private static func contains(_ path: UnsafeRawBufferPointer, in paths: [[UInt8]]) -> Bool {
        paths.contains { $0.count == path.count && path.elementsEqual($0) }
    }
}
