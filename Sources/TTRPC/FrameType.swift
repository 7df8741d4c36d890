/// What a frame carries. Types that have no name here are kept as they came.
package struct FrameType: RawRepresentable, Equatable, Sendable {
    package static let request = FrameType(rawValue: 1)
    package static let response = FrameType(rawValue: 2)
    package static let data = FrameType(rawValue: 3)

    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}
