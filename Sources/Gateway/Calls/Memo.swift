import Glibc

/// A body and the payload that was made of it.
struct Memo: ~Copyable {
    /// Longer bodies are not remembered.
    private static let maximumLength = 2 * 1024 * 1024

    /// After so many bodies in a row that were not the one before, only some are remembered: copying costs, too.
    private static let patience = 4

    private var body = Bytes()
    private var payload = Bytes()
    private var misses = 0

    /// The payload, if the body is the one that is remembered. Lent until something else is.
    mutating func payload(for body: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard self.body.isEqual(to: body) else { return nil }
        misses = 0
        return payload.contents
    }

    mutating func remember(_ body: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) {
        misses += 1
        guard misses <= Self.patience || misses % Self.patience == 0 else { return }
        guard body.count <= Self.maximumLength else { return }
        self.body.replace(with: body)
        self.payload.replace(with: payload)
    }

    /// Memory that is used again for contents of another length.
    private struct Bytes: ~Copyable {
        private(set) var count = 0
        private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)

        deinit {
            storage.deallocate()
        }

        var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage.baseAddress, count: count) }

        func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
            guard count == other.count, let own = storage.baseAddress, let others = other.baseAddress else {
                return false
            }
            return memcmp(own, others, count) == 0
        }

        mutating func replace(with new: UnsafeRawBufferPointer) {
            if new.count > storage.count || new.count < storage.count / 4 {
                storage.deallocate()
                // A list grows by a model now and then.
                storage = .allocate(byteCount: new.count + new.count / 8, alignment: 16)
            }
            storage.copyMemory(from: new)
            count = new.count
        }
    }
}
