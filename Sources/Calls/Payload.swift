package import Bytes

/// The message that answers a call. Its bytes are lent, unless somebody owns them.
package struct Payload {
    package let bytes: UnsafeRawBufferPointer
    /// Whoever holds it may keep the bytes without copying them.
    package let owner: SharedBytes?
    /// What the same bytes exist in for a while, if nobody owns them.
    private let copy: SharedBytes?

    /// - Parameter copy: the same bytes, for who has to keep them.
    package init(lent bytes: UnsafeRawBufferPointer, copy: SharedBytes? = nil) {
        self.bytes = bytes
        self.copy = copy
        owner = nil
    }

    /// - Parameter bytes: a part of what `owner` holds, or all of it.
    package init(_ bytes: UnsafeRawBufferPointer, of owner: SharedBytes) {
        self.bytes = bytes
        self.owner = owner
        copy = nil
    }

    package init(_ shared: SharedBytes) {
        self.init(shared.bytes, of: shared)
    }

    package var count: Int { bytes.count }

    /// The same for longer than it is lent: a copy, if nobody owns it.
    package var kept: Payload { owner == nil ? Payload(copy ?? SharedBytes(copying: bytes)) : self }
}
