import Calls

@testable import GRPC

extension Said {
    /// An answer that is nothing but an error.
    static func failure(_ status: Status) -> [Said] {
        let trailers = Trailers(status)
        let fields = [
            "grpc-status: \(status.code.rawValue)",
            "grpc-message: \(String(decoding: trailers.message, as: UTF8.self))",
            "grpc-status-details-bin: \(String(decoding: trailers.details, as: UTF8.self))",
        ]
        return [.head(answerHead + fields, end: true)]
    }

    /// The same to a client that has not ended its side, which it need not do any more.
    static func earlyFailure(_ status: Status) -> [Said] { failure(status) + [.reset(0)] }
}

/// The error codes of RFC 9113, section 7.
enum ErrorCode {
    static let protocolError: UInt32 = 1
    static let flowControlError: UInt32 = 3
    static let streamClosed: UInt32 = 5
    static let refusedStream: UInt32 = 7
    static let cancel: UInt32 = 8
    static let enhanceYourCalm: UInt32 = 11
}
