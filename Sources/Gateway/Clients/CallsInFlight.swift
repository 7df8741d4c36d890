import Calls

/// The calls of a connection that have no answer yet, in the order of their keys, which mostly rise.
struct CallsInFlight: RandomAccessCollection {
    private var calls: [Call] = []

    var startIndex: Int { calls.startIndex }
    var endIndex: Int { calls.endIndex }
    subscript(index: Int) -> Call { calls[index] }

    /// The call that is in flight under a key.
    subscript(key: CallKey) -> Call? {
        place(of: key).map { calls[$0] }
    }

    /// Takes in a call whose key no other one has.
    mutating func insert(_ call: Call, _ key: CallKey) {
        let place = firstPlace(from: key)
        // Nearly always; inserting costs more, also there.
        if place == calls.count { calls.append(call) } else { calls.insert(call, at: place) }
    }

    mutating func remove(_ key: CallKey) {
        guard let place = place(of: key) else { return }
        if place == calls.count - 1 { calls.removeLast() } else { calls.remove(at: place) }
    }

    mutating func removeAll() -> [Call] {
        defer { calls = [] }
        return calls
    }

    private func place(of key: CallKey) -> Int? {
        if calls.last?.key == key { return calls.count - 1 }
        let place = firstPlace(from: key)
        return place < calls.count && calls[place].key == key ? place : nil
    }

    /// Where the first call is that has this key or a higher one.
    private func firstPlace(from key: CallKey) -> Int {
        guard let last = calls.last, last.key >= key else { return calls.count }
        var range = calls.indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = calls[middle].key < key ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
