/// Bytes that exist once, however many hold them; they go with the last who does.
package final class SharedBytes {
    package let bytes: UnsafeRawBufferPointer

    package init(copying source: UnsafeRawBufferPointer) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
        memory.copyMemory(from: source)
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit { bytes.deallocate() }
}

/// They are held by who works on the loop's thread.
@available(*, unavailable) extension SharedBytes: Sendable {}
