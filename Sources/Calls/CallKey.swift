/// Tells the calls of one connection apart while they are in flight. What it counts is the session's affair: on ttrpc it
/// is the stream id.
package struct CallKey: Hashable, Comparable, Sendable {
    package let rawValue: UInt32

    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static func < (one: CallKey, other: CallKey) -> Bool { one.rawValue < other.rawValue }
}
