import FuzzSupport
import TTRPC

/// A connection's way through what arrives on it, and a record of it.
struct FrameReading: ~Copyable {
    /// The events one behind the other: those of the same bytes are the same.
    private(set) var record: [UInt8] = []
    /// The other end speaks another protocol.
    private(set) var isOver = false
    private var decoder = FrameDecoder()
    private var connection = ConnectionState()
    private var usedIDs: Set<UInt32> = []
    private var highestID: UInt32 = 0

    mutating func read(_ bytes: UnsafeRawBufferPointer) {
        var unread = bytes
        while let event = decoder.next(&unread) {
            switch event {
            case .notTTRPC:
                demand(unread.isEmpty, "something is left of what is no frame")
                isOver = true
            case .oversize(let header):
                demand(header.length > FrameHeader.maximumLength, "a frame that fits is taken for one too long")
                take(header)
                demand(connection.receive(header) != .dispatch, "a frame too long is dispatched")
            case .frame(let header, let data):
                demand(data.count == header.length, "a frame has not the length that its header says")
                take(header)
                record.append(contentsOf: data)
                if connection.receive(header) == .dispatch { dispatch(header, data) }
            }
        }
        demand(unread.isEmpty, "a decoder that waits for more has left something")
    }

    private mutating func take(_ header: FrameHeader) {
        withUnsafeTemporaryAllocation(byteCount: FrameHeader.byteCount, alignment: 1) {
            header.encode(into: $0)
            record.append(contentsOf: $0)
        }
    }

    private mutating func dispatch(_ header: FrameHeader, _ data: UnsafeRawBufferPointer) {
        demand(header.type == .request && header.streamID % 2 == 1, "what is no request is dispatched")
        demand(usedIDs.insert(header.streamID).inserted, "a stream id is used twice")
        demand(header.streamID >= highestID || highestID - header.streamID <= 254, "an id too low is dispatched")
        highestID = max(highestID, header.streamID)
        EnvelopeCheck.check(data)
    }
}
