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
    /// by then; so does what has been given out of it before. Other calls do not notice.
    func isSame(as other: SessionRecord) -> Bool {
        if bytes == other.bytes { return true }
        let keys = refused.union(other.refused)
        return !keys.isEmpty && without(keys) == other.without(keys)
    }

    private func without(_ keys: Set<CallKey>) -> [ArraySlice<UInt8>] {
        let ends = starts.dropFirst().map(\.index) + [bytes.count]
        return zip(starts, ends).filter { !keys.contains($0.0.key) }.map { bytes[$0.0.index..<$0.1] }
    }
}
