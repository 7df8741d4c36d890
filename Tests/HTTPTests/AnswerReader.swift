@testable import HTTP

/// A reader, and what it has handed over.
final class AnswerReader {
    private var reader: HTTPResponseReader
    /// The text of an answer is that of its parts.
    private var joinsParts = false
    private(set) var parts: [[UInt8]] = []
    private(set) var error: HTTPError?

    var partsTogether: String { String(decoding: parts.joined(), as: UTF8.self) }
    var hasReceivedBytes: Bool { reader.hasReceivedBytes }

    init(headLimit: Int = AnswerVector.headLimit, bodyLimit: Int) {
        reader = HTTPResponseReader(headLimit: headLimit, bodyLimit: bodyLimit)
    }

    func expect(_ delivery: BodyDelivery) {
        joinsParts = delivery == .limitedParts
        parts = []
        reader.expect(delivery)
    }

    /// Reads the bytes, from memory that is overwritten as soon as they are read, as that of the loop is. An empty read is
    /// the end of the connection.
    func read(_ bytes: some Collection<UInt8>) -> ReadAnswer {
        guard !bytes.isEmpty else { return reader.endOfConnection().map { take($0) } ?? .connectionLost }
        let lent = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes.count + HTTPResponseReader.padding,
            alignment: 64
        )
        defer { lent.deallocate() }
        lent.copyBytes(from: bytes)
        let answer = read(UnsafeRawBufferPointer(rebasing: lent[..<bytes.count]))
        for index in lent.indices { lent[index] = 0xFF }
        return answer
    }

    private var status = 0

    private func read(_ bytes: UnsafeRawBufferPointer) -> ReadAnswer {
        var unread = bytes
        do throws(HTTPError) {
            while let event = try reader.next(&unread) {
                let answer = take(event)
                guard answer == .needsMore else { return answer }
            }
        } catch {
            self.error = error
            return ReadAnswer(error)
        }
        return .needsMore
    }

    private func take(_ event: HTTPResponseReader.Event) -> ReadAnswer {
        switch event {
        case .head(let status): self.status = status
        case .part(let part): parts.append(Array(part))
        case .end(let body, let canGoOn):
            let text = (joinsParts ? partsTogether : "") + String(decoding: body, as: UTF8.self)
            return .complete(status, text, canGoOn: canGoOn)
        }
        return .needsMore
    }
}
