internal import Glibc

/// Memory for C structs and strings: initialised when it is handed out, and freed with its owner.
final class CMemory {
    private var pieces: [UnsafeMutableRawPointer] = []

    deinit {
        for piece in pieces { piece.deallocate() }
    }

    /// A C array of the values, or nil if there are none. They must need no deinitialisation.
    func array<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeMutablePointer<Value>? {
        guard !values.isEmpty else { return nil }
        let memory = UnsafeMutablePointer<Value>.allocate(capacity: values.count)
        memory.initialize(from: values, count: values.count)
        pieces.append(UnsafeMutableRawPointer(memory))
        return memory
    }

    func value<Value: BitwiseCopyable>(_ value: Value) -> UnsafeMutablePointer<Value> {
        guard let memory = array([value]) else { preconditionFailure("one value is not none") }
        return memory
    }

    /// A copy of the text that ends with NUL.
    func string(_ text: some StringProtocol) -> UnsafePointer<CChar>? {
        array(text.utf8.map { CChar(bitPattern: $0) } + [0]).map { UnsafePointer($0) }
    }
}
