package import Bytes

/// The message that answers a call. Its bytes are lent, unless somebody owns them.
package struct Payload {
    package let bytes: UnsafeRawBufferPointer
    /// Whoever holds it may keep the bytes without copying them.
    package let owner: SharedBytes?

    package init(lent bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        owner = nil
    }

    /// - Parameter bytes: a part of what `owner` holds, or all of it.
    package init(_ bytes: UnsafeRawBufferPointer, of owner: SharedBytes) {
        self.bytes = bytes
        self.owner = owner
    }

    package init(_ shared: SharedBytes) {
        self.init(shared.bytes, of: shared)
    }

    package var count: Int { bytes.count }

    /// The same for longer than it is lent: a copy, if nobody owns it.
    package var kept: Payload { owner == nil ? Payload(SharedBytes(copying: bytes)) : self }
}
