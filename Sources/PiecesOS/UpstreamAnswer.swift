/// When an answer came, and how long it took.
package struct UpstreamAnswer: Equatable, Sendable {
    /// Nanoseconds on the loop's clock.
    package let time: UInt64
    /// From its request on.
    package let nanoseconds: UInt64
}
