extension UnsafeRawBufferPointer {
    /// Cuts up to `count` bytes off the front.
    @inlinable
    public mutating func removePrefix(atMost count: Int) -> UnsafeRawBufferPointer {
        let length = Swift.min(count, self.count)
        let prefix = UnsafeRawBufferPointer(start: baseAddress, count: length)
        self = UnsafeRawBufferPointer(start: baseAddress?.advanced(by: length), count: self.count - length)
        return prefix
    }
}
