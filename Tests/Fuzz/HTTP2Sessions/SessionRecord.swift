import Calls

/// The events of a session: those of the same bytes are the same.
struct SessionRecord {
    /// The events one behind the other, and where each begins.
    private var bytes: [UInt8] = []
    private var starts: [(key: CallKey, index: Int)] = []
    private var refused: Set<CallKey> = []

    mutating func begin(_ key: CallKey, _ kind: UInt8) {
        starts.append((key, bytes.count))
        bytes.append(kind)
        bytes.append(UInt8(truncatingIfNeeded: key.rawValue))
    }

    mutating func append(_ part: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: part)
    }

    mutating func refuse(_ key: CallKey) {
        begin(key, 7)
        refused.insert(key)
    }

    /// Whether a call is refused for what comes right behind it, or because too much is unfinished, depends on what has come
    /// by then; so does what has been given out of it before, and whether a call ends by itself or with the session. Other
    /// calls do not notice.
    func isSame(as other: SessionRecord) -> Bool {
        if bytes == other.bytes { return true }
        let keys = refused.union(other.refused)
        return without(keys) == other.without(keys)
    }

    /// What has come of each call.
    private func without(_ keys: Set<CallKey>) -> [CallKey: [UInt8]] {
        let ends = starts.dropFirst().map(\.index) + [bytes.count]
        var calls: [CallKey: [UInt8]] = [:]
        for (start, end) in zip(starts, ends) where !keys.contains(start.key) {
            calls[start.key, default: []] += bytes[start.index..<end]
        }
        return calls
    }
}
