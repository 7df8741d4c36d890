import EventLoop
import Testing

@testable import PiecesOS

/// What a reader makes of the bytes of an answer.
enum ReadAnswer: Equatable, Sendable, CustomTestStringConvertible {
    case needsMore
    case complete(Int, String, canGoOn: Bool)
    case badHTTP
    case tooLarge
    case connectionLost

    fileprivate init(_ outcome: HTTPResponseReader.Outcome, _ reader: HTTPResponseReader) {
        switch outcome {
        case .needsMore: self = .needsMore
        case .complete(let canGoOn):
            var answer = (0, "")
            reader.withAnswer { answer = ($0, String(decoding: $1, as: UTF8.self)) }
            self = .complete(answer.0, answer.1, canGoOn: canGoOn)
        case .failed(.badHTTP): self = .badHTTP
        case .failed(.tooLarge): self = .tooLarge
        case .failed(let error):
            precondition(error == .connectionLost, "a reader knows nothing of \(error)")
            self = .connectionLost
        }
    }

    var testDescription: String { "\(self)" }
}

extension HTTPResponseReader {
    convenience init(bodyLimit: Int) {
        self.init(headLimit: Upstream.Limits().head, bodyLimit: bodyLimit)
    }

    /// Reads the bytes, from memory that is overwritten as soon as the reader has returned, as that of the loop is.
    /// An empty read is the end of the connection.
    func read(_ bytes: some Collection<UInt8>) -> ReadAnswer {
        let lent = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + Loop.readPadding, alignment: 64)
        defer { lent.deallocate() }
        lent.copyBytes(from: bytes)
        let answer = ReadAnswer(read(UnsafeRawBufferPointer(rebasing: lent[..<bytes.count])), self)
        for index in lent.indices { lent[index] = 0xFF }
        return answer
    }
}
