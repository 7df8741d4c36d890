/// Memory for plain values and C strings: initialised when it is handed out, never moved, and freed with its owner.
package final class OwnedMemory {
    private var pieces: [UnsafeMutableRawPointer] = []

    package init() {}

    deinit {
        for piece in pieces { piece.deallocate() }
    }

    package func value<Value: BitwiseCopyable>(_ value: Value) -> UnsafeMutablePointer<Value> {
        array([value])
    }

    /// A copy of the text that ends with NUL.
    package func string(_ text: some StringProtocol) -> UnsafePointer<CChar> {
        UnsafePointer(array(text.utf8.map { CChar(bitPattern: $0) } + [0]))
    }

    /// A C array of the values. Where there are none, nothing may be read.
    package func array<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
        let memory = UnsafeMutableBufferPointer<Value>.allocate(capacity: max(values.count, 1))
        _ = memory.initialize(from: values)
        guard let start = memory.baseAddress else { preconditionFailure("no memory for \(Value.self)") }
        pieces.append(UnsafeMutableRawPointer(start))
        return start
    }
}
