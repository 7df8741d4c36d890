internal import CProtobufC

/// Unpacks the payloads of requests, one at a time, in memory that it keeps between them.
///
/// Belongs to one thread, like the memory; that is why it is not Sendable.
package final class RequestDecoder {
    private let arena: Arena
    private let style: JSONStyle

    /// - Parameter memoryBudget: bytes of memory that one payload may unpack to.
    /// - Parameter style: what messages are when they are written as JSON.
    package init(memoryBudget: Int = 32 << 20, style: JSONStyle = .request) {
        arena = Arena(budget: memoryBudget)
        self.style = style
    }

    /// Checks and unpacks a payload and lends the message to `body`. An empty payload is a message with nothing set.
    package func withMessage<Result>(
        _ payload: UnsafeRawBufferPointer,
        as type: ProtobufMessageType,
        _ body: (borrowing ProtobufMessage) throws(RequestError) -> Result
    ) throws(RequestError) -> Result {
        precondition(arena.usedSize == 0, "a RequestDecoder lends one message at a time")
        try PayloadCheck.check(payload, as: type.descriptor)
        defer { arena.reset() }
        let bytes = payload.assumingMemoryBound(to: UInt8.self)
        guard let message = protobuf_c_message_unpack(type.descriptor, arena.allocator, bytes.count, bytes.baseAddress)
        else {
            if arena.isExhausted { throw .tooMuchMemory(budget: arena.budget) }
            throw .invalid("is not protobuf of the contract")
        }
        return try body(ProtobufMessage(message: message, type: type, arena: arena, style: style))
    }
}
