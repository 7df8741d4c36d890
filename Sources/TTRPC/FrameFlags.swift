/// The flags of a frame, each said from the point of view of the peer that receives them.
package struct FrameFlags: OptionSet, Sendable {
    /// The sender will send nothing more on this stream.
    package static let remoteClosed = FrameFlags(rawValue: 1)
    /// The sender will send data frames on this stream.
    package static let remoteOpen = FrameFlags(rawValue: 2)
    /// The frame carries no message. Without it, a data frame of length 0 is an empty message.
    package static let noData = FrameFlags(rawValue: 4)

    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}
