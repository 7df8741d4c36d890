/// The calls of a connection that have no answer yet, in the order of their stream ids, which only rise.
struct CallsInFlight: RandomAccessCollection {
    private var calls: [Call] = []

    var startIndex: Int { calls.startIndex }
    var endIndex: Int { calls.endIndex }
    subscript(index: Int) -> Call { calls[index] }

    /// The call that is in flight under a stream id.
    func call(streamID: UInt32) -> Call? {
        place(of: streamID).map { calls[$0] }
    }

    mutating func append(_ call: Call) {
        calls.append(call)
    }

    mutating func remove(streamID: UInt32) {
        if let place = place(of: streamID) { calls.remove(at: place) }
    }

    mutating func removeAll() -> [Call] {
        defer { calls = [] }
        return calls
    }

    private func place(of streamID: UInt32) -> Int? {
        var range = calls.indices
        while let middle = range.isEmpty ? nil : (range.lowerBound + range.upperBound) / 2 {
            let found = calls[middle].streamID
            if found == streamID { return middle }
            range = found < streamID ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}
