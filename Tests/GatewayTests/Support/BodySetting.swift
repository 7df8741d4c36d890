import Calls
import Testing
import Transcoding

@testable import Gateway

/// Makes payloads of bodies that arrive as a test says.
struct BodySetting {
    let transcoder = JSONTranscoder()
    let buffers = BodyBufferPool()

    /// The payload of a body that comes in these pieces, each in a read of its own, or in one read all together.
    func payload(
        _ method: RoutedMethod,
        _ pieces: [ArraySlice<UInt8>],
        inOneRead: Bool = false,
        isAnnounced: Bool = false
    ) throws(JSONTranscodingError) -> [UInt8] {
        var body = AnswerBody(transcoder, buffers)
        body.begin(method)
        let length = isAnnounced ? pieces.map(\.count).reduce(0, +) : nil
        var lent: [UnsafeMutableRawBufferPointer] = []
        defer { for memory in lent { memory.deallocate() } }
        for (index, piece) in pieces.enumerated() where !piece.isEmpty {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count + 64, alignment: 1)
            lent.append(memory)
            memory.initializeMemory(as: UInt8.self, repeating: 0x39)
            memory.copyBytes(from: piece)
            try body.take(UnsafeRawBufferPointer(rebasing: memory[..<piece.count]), length: length)
            guard !inOneRead, index < pieces.count - 1 else { continue }
            try body.settle()
            memory.initializeMemory(as: UInt8.self, repeating: 0xFF)
            if body.isBehind { try body.catchUp() }
        }
        let payload = copy(of: try body.finish())
        let held = body.heldByteCount
        #expect(held == 0)
        return payload
    }

    func payload(_ method: RoutedMethod, _ text: String) throws(JSONTranscodingError) -> [UInt8] {
        try payload(method, [Array(text.utf8)[...]])
    }

    /// A payload may go with its owner.
    func copy(of payload: Payload) -> [UInt8] {
        withExtendedLifetime(payload) { Array(payload.bytes) }
    }
}
