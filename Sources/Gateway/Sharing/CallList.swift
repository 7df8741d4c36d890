/// Calls that share something. Lists of few calls leave their memory for the next ones.
struct CallList: Sequence {
    private static let keptCapacity = 1024

    private var calls: [any SharingCall] = []
    /// The place of the first that is still in the list.
    private var first = 0

    var isEmpty: Bool { first == calls.count }
    var count: Int { calls.count - first }

    mutating func append(_ call: any SharingCall) {
        call.place = calls.count
        calls.append(call)
    }

    /// Takes out a call, in the order in which they came as long as none has been removed.
    mutating func popFirst() -> (any SharingCall)? {
        guard !isEmpty else { return nil }
        defer { first += 1 }
        return calls[first]
    }

    /// Takes out a call that is in the list; the last one moves to its place.
    mutating func remove(_ call: any SharingCall) {
        let last = calls.removeLast()
        guard last !== call else { return }
        calls[call.place] = last
        last.place = call.place
    }

    mutating func removeAll() {
        calls.removeAll(keepingCapacity: calls.capacity <= Self.keptCapacity)
        first = 0
    }

    func makeIterator() -> ArraySlice<any SharingCall>.Iterator { calls[first...].makeIterator() }
}
