import Bytes

/// A body and the payload that was made of it.
struct Memo: ~Copyable {
    /// What is remembered. Whoever holds it can use it although something else is remembered meanwhile.
    struct Entry {
        let body: SharedBytes
        let payload: SharedBytes
    }

    /// Longer bodies are not remembered.
    private static let maximumLength = 2 * 1024 * 1024

    /// After so many bodies in a row that were not the one before, only some are remembered: copying costs, too.
    private static let patience = 4

    private var body: SharedBytes?
    private var payload: SharedBytes?
    private(set) var hits = 0
    private(set) var misses = 0
    private var missesInARow = 0

    /// What an answer may be, of whose body so many bytes are announced.
    func entry(length: Int?) -> Entry? {
        guard let body, let payload, length == nil || length == body.bytes.count else { return nil }
        return Entry(body: body, payload: payload)
    }

    /// A body was the one of an entry.
    mutating func hit() {
        hits += 1
        missesInARow = 0
    }

    /// A body was none that is known.
    mutating func miss() {
        misses += 1
        missesInARow += 1
    }

    /// - Parameter buffer: where the body lies, if it was gathered. Memory that is not going to be used again is taken.
    /// - Returns: the copy of the payload, if it is remembered.
    mutating func remember(
        _ body: UnsafeRawBufferPointer,
        in buffer: BodyBuffer?,
        _ payload: UnsafeRawBufferPointer
    ) -> SharedBytes? {
        guard missesInARow <= Self.patience || missesInARow % Self.patience == 0 else { return nil }
        guard body.count <= Self.maximumLength else { return nil }
        if let buffer, body.count > BodyBufferPool.largest {
            self.body = SharedBytes(taking: buffer.takeText())
        } else {
            SharedBytes.replace(&self.body, copying: body)
        }
        SharedBytes.replace(&self.payload, copying: payload)
        return self.payload
    }
}
