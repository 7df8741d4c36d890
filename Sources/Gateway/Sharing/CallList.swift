/// Calls that share something. Each knows its place in the list it is in, so that thousands of them can leave one by one
/// without a search for each.
struct CallList: Sequence {
    /// Lists of up to this many calls leave their memory for the next ones.
    private static let keptCapacity = 1024

    private var calls: [Call] = []
    /// The place of the first that is still in the list.
    private var first = 0

    var isEmpty: Bool { first == calls.count }

    mutating func append(_ call: Call) {
        call.place = calls.count
        calls.append(call)
    }

    /// Takes out a call, in the order in which they came as long as none has been removed.
    mutating func popFirst() -> Call? {
        guard !isEmpty else { return nil }
        defer { first += 1 }
        return calls[first]
    }

    /// Takes out a call that is in the list; the last one moves to its place.
    mutating func remove(_ call: Call) {
        let last = calls.removeLast()
        guard last !== call else { return }
        calls[call.place] = last
        last.place = call.place
    }

    mutating func removeAll() {
        calls.removeAll(keepingCapacity: calls.capacity <= Self.keptCapacity)
        first = 0
    }

    func makeIterator() -> ArraySlice<Call>.Iterator { calls[first...].makeIterator() }
}
