import Bytes
import Calls
import Contract
import PiecesOS
import TTRPC
import Transcoding

/// The one place where what can go wrong becomes the status that a client is told.
extension Status {
    init(_ error: RequestError) {
        switch error {
        case .invalid: self.init(.invalidArgument, .badRequest, "payload: \(error.message)")
        case .tooMuchMemory, .tooManyFields: self.init(.resourceExhausted, .limitReached, "payload: \(error.message)")
        }
    }

    init(_ problem: ProtobufProblem) {
        self.init(
            .invalidArgument,
            .badRequest,
            "payload: the payload is not protobuf: \(problem.rawValue)"
        )
    }

    static func unknown(_ request: CallRequest, in contract: Contract) -> Status {
        let service = String(decoding: request.service, as: UTF8.self)
        let method = String(decoding: request.method, as: UTF8.self)
        return Status(
            .unimplemented,
            .unknownMethod,
            contract.service(named: service) != nil
                ? "the service \(service) has no method '\(method)'"
                : "there is no service '\(service)' (asked for its method '\(method)')"
        )
    }

    static func policyDenied(_ method: Method) -> Status {
        Status(.permissionDenied, .policyDenied, "\(method.name) may not be called over this socket")
    }

    static func tooManyCalls(limit: Int) -> Status {
        Status(.resourceExhausted, .limitReached, "\(limit) calls of this connection wait for an answer; no more may")
    }

    static func tooManyCallsOfAll(limit: Int) -> Status {
        Status(
            .resourceExhausted,
            .limitReached,
            "\(limit) calls of all clients wait for an answer; no more may, and the client with the most makes room"
        )
    }

    static let streamNotRead = Status(
        .resourceExhausted,
        .limitReached,
        "streams of this client were not read while other calls waited for their connections to Pieces OS"
    )

    static let deadlineExceeded = Status(
        .deadlineExceeded,
        .deadlineExceeded,
        "the deadline of the call has passed",
        requestSent: false
    )

    static let cancelled = Status(.cancelled, .cancelled, "the call was cancelled", requestSent: false)

    static let shuttingDown = Status(.unavailable, .shuttingDown, "the gateway is shutting down", requestSent: false)

    private static let startHint = "start Pieces OS, or name it with --upstream"

    init(_ error: UpstreamError, httpStatus: Int?, requestSent: Bool) {
        switch error {
        case .unreachable(let reason):
            self.init(.unavailable, .upstreamUnreachable, reason, requestSent: requestSent, hint: Self.startHint)
        case .distrusted(let user, let location):
            let message = "the listener at \(location) runs as another user (\(user)), and is not trusted"
            self.init(.unavailable, .upstreamUnreachable, message, requestSent: requestSent, hint: Self.startHint)
        case .notReady(let reason):
            self.init(.unavailable, .upstreamNotReady, reason, requestSent: requestSent)
        case .connectionLost:
            let message = "the connection to Pieces OS was lost before the answer was whole"
            self.init(.unavailable, .upstreamConnectionLost, message, requestSent: requestSent)
        case .badHTTP(let reason):
            self.init(.internal, .upstreamBadHTTP, "the answer of Pieces OS is not usable HTTP: \(reason)")
        case .tooLarge(let reason):
            self.init(.resourceExhausted, .upstreamTooLarge, reason)
        case .queueFull:
            self.init(
                .resourceExhausted,
                .upstreamQueueFull,
                "too many calls are waiting for Pieces OS; try again later"
            )
        }
        self.httpStatus = httpStatus
    }

    init(_ error: JSONTranscodingError, httpStatus: Int?) {
        switch error {
        case .notJSON, .notAnObject, .misfitElement, .secondList:
            let message = "the answer of Pieces OS cannot be used: \(error)"
            self.init(.internal, .upstreamBadJSON, message, httpStatus: httpStatus)
        case .tooLarge:
            self.init(.resourceExhausted, .upstreamTooLarge, error.description, httpStatus: httpStatus)
        case .messageTooLarge:
            self.init(.resourceExhausted, .answerTooLarge, error.description, httpStatus: httpStatus)
        }
    }

    /// A unary answer could not be transcoded.
    static func unary(_ error: JSONTranscodingError, httpStatus: Int?) -> Status {
        switch error {
        case .messageTooLarge: .answerTooLarge(httpStatus: httpStatus)
        default: Status(error, httpStatus: httpStatus)
        }
    }

    static func answersTooLarge(limit: Int, httpStatus: Int?) -> Status {
        let message = """
            the answers of Pieces OS that are under way would take over \(limit) bytes of memory, and this one takes \
            the most; try again later
            """
        return Status(.resourceExhausted, .upstreamTooLarge, message, httpStatus: httpStatus)
    }

    static func answerTooLarge(httpStatus: Int?) -> Status {
        let message = """
            the answer does not fit a frame of \(FrameHeader.maximumLength) bytes; StreamModelsSnapshot sends models \
            in as many as they need
            """
        return Status(.resourceExhausted, .answerTooLarge, message, httpStatus: httpStatus)
    }

    /// - Parameter body: what the upstream answered, shown to the client as the message.
    init(httpStatus: Int, body: UnsafeRawBufferPointer) {
        let code = Self.code(httpStatus: httpStatus)
        let isUncertain = code == .unavailable || code == .deadlineExceeded
        self.init(
            code,
            .upstreamHTTPStatus,
            body.isEmpty ? "HTTP status \(httpStatus)" : String(decoding: body, as: UTF8.self),
            httpStatus: httpStatus,
            requestSent: isUncertain ? true : nil,
            hint: Self.hint(httpStatus: httpStatus)
        )
    }

    private static func hint(httpStatus: Int) -> String? {
        switch httpStatus {
        case 401: "sign in to Pieces OS"
        case updateRequired: "update Pieces OS"
        default: nil
        }
    }

    /// Pieces OS's own: it is too old for what it is to work with.
    private static let updateRequired = 593

    private static func code(httpStatus: Int) -> Code {
        switch httpStatus {
        case 400: .invalidArgument
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .notFound
        case 408, 504: .deadlineExceeded
        case 409: .alreadyExists
        case 412, updateRequired: .failedPrecondition
        case 413, 429: .resourceExhausted
        case 501: .unimplemented
        case 502, 503: .unavailable
        case 400...499: .failedPrecondition
        default: .internal
        }
    }
}
