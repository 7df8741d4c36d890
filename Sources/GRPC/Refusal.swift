internal import Calls

/// Why the session refuses a request itself.
enum Refusal {
    /// It is no gRPC call: an HTTP status, and a text that says what to do.
    case text(status: [UInt8], allow: [UInt8]?, String)
    case status(Status)

    // MARK: What is no call

    static let forbidden = text(
        "403",
        "Requests from web pages (with an Origin header) are not served here."
    )
    static let methodNotAllowed = text(
        "405",
        "gRPC calls are POST requests, and GET is for /metrics and /health.",
        allow: "POST"
    )
    static let unsupportedMediaType = text(
        "415",
        "This is a gRPC service: send content-type: application/grpc or application/grpc+proto."
    )

    private static func text(_ status: String, _ text: String, allow: String? = nil) -> Refusal {
        .text(status: Array(status.utf8), allow: allow.map { Array($0.utf8) }, text + "\n")
    }

    // MARK: Heads

    static let headTooLong = limitReached(
        "the request's header list has more than \(RequestHead.maximumListLength) bytes"
    )
    static let badTimeout = badRequest(
        .invalidArgument,
        "grpc-timeout: must be 1 to 8 digits and one of H, M, S, m, u, n"
    )
    static let unknownEncoding = badRequest(
        .unimplemented,
        "grpc-encoding: only identity, gzip and deflate are understood"
    )

    // MARK: Messages

    static let noMessage = badRequest(.unimplemented, "the request has no message; this method takes one")
    static let twoMessages = badRequest(.unimplemented, "the request has more than one message; this method takes one")
    static let messageCutOff = badRequest(.internal, "the request ends within a message")
    static let messageTooSlow = badRequest(.internal, "the request's message did not become whole in time")
    static let compressedWithoutEncoding = badRequest(
        .internal,
        "a message says that it is compressed, and there is no grpc-encoding"
    )
    static let brokenCompression = badRequest(.internal, "a message cannot be unpacked as its grpc-encoding says")

    static func badFlag(_ flag: UInt8) -> Refusal {
        badRequest(.internal, "a message begins with the flag \(flag): only 0 and 1 have a meaning")
    }

    static func messageTooLong(_ length: Int, limit: Int) -> Refusal {
        tooLarge("message of \(length) bytes: at most \(limit) are accepted")
    }

    static func unpackedTooLong(limit: Int) -> Refusal {
        tooLarge("unpacked, the message has more than \(limit) bytes: at most that many are accepted")
    }

    // MARK: Limits

    static func tooMuchUnfinished(_ limit: Int) -> Refusal {
        limitReached("more than \(limit) bytes of requests that are not whole")
    }

    static let deadline = Refusal.status(
        Status(
            .deadlineExceeded,
            .deadlineExceeded,
            "the deadline passed before the client had ended its side of the request",
            requestSent: false
        )
    )

    private static func badRequest(_ code: Status.Code, _ message: String) -> Refusal {
        .status(Status(code, .badRequest, message))
    }

    private static func tooLarge(_ message: String) -> Refusal {
        .status(Status(.resourceExhausted, .frameTooLarge, message))
    }

    private static func limitReached(_ message: String) -> Refusal {
        .status(Status(.resourceExhausted, .limitReached, message))
    }
}
