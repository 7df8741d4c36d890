/// The calls of a connection that have no answer yet, in the order of their stream ids, which mostly rise.
struct CallsInFlight: RandomAccessCollection {
    private var calls: [Call] = []

    var startIndex: Int { calls.startIndex }
    var endIndex: Int { calls.endIndex }
    subscript(index: Int) -> Call { calls[index] }

    /// The call that is in flight under a stream id.
    func call(streamID: UInt32) -> Call? {
        place(of: streamID).map { calls[$0] }
    }

    /// Takes in a call whose stream id no other one has.
    mutating func insert(_ call: Call, streamID: UInt32) {
        calls.insert(call, at: firstPlace(from: streamID))
    }

    mutating func remove(streamID: UInt32) {
        if let place = place(of: streamID) { calls.remove(at: place) }
    }

    mutating func removeAll() -> [Call] {
        defer { calls = [] }
        return calls
    }

    private func place(of streamID: UInt32) -> Int? {
        let place = firstPlace(from: streamID)
        return place < calls.count && calls[place].streamID == streamID ? place : nil
    }

    /// Where the first call is that has this stream id or a higher one.
    private func firstPlace(from streamID: UInt32) -> Int {
        guard let last = calls.last, last.streamID >= streamID else { return calls.count }
        var range = calls.indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = calls[middle].streamID < streamID ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
