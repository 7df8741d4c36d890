import Bytes
import Calls
import Contract
import HTTP
import PiecesOS
import TTRPC
import Transcoding

/// A method that is carried out upstream: how its request becomes an HTTP request, and the answer a message.
final class RoutedMethod {
    let method: Method
    private let route: Route
    private let input: ProtobufMessageType
    /// What a unary answer is; `nil` if its body is dropped, or it is sent in parts.
    let unarySchema: MessageSchema?
    /// `nil` if an answer has no elements that can be taken one by one.
    private let list: ListSchema?
    /// The request of a method without path parameter and body, which is always the same.
    private let constantRequest: HTTPRequest?
    /// Calls of it can share an answer.
    let isShared: Bool
    /// The last answer of a method that reads. The transcoder is a pure function of the body, so a body that is byte for byte
    /// the last one has the last payload; comparing is many times cheaper than transcoding.
    var memo = Memo()
    /// The same, element by element: a list of which one element has changed is nearly the last one.
    private(set) var listMemo = ListMemo()
    /// Longer bodies are not remembered element by element, which takes as much memory again.
    static let longestList = 3 << 19

    init(_ method: Method, _ route: Route, _ schemas: Schemas) throws(ContractError) {
        self.method = method
        self.route = route
        input = try schemas.payloadType(of: method.input)
        switch route.answer {
        case .empty: (unarySchema, list) = (nil, nil)
        case .message:
            unarySchema = try schemas.schema(of: method.output)
            list = try method.output.firstList.map { (field) throws(ContractError) in
                try schemas.listSchema(of: method.output, list: field)
            }
        case .parts(let field): (unarySchema, list) = (nil, try schemas.listSchema(of: method.output, list: field))
        }
        constantRequest = Self.constantRequest(route)
        isShared = constantRequest != nil && route.httpMethod.isRead && route.answer == .message
    }

    private static func constantRequest(_ route: Route) -> HTTPRequest? {
        guard route.body == nil, route.path.count == 1, case .text(let path) = route.path[0] else { return nil }
        return HTTPRequest(method: route.httpMethod.name, path: path)
    }

    // MARK: - Requests

    /// The HTTP request that a payload asks for.
    func request(_ payload: UnsafeRawBufferPointer, _ decoder: RequestDecoder) throws(Status) -> HTTPRequest {
        if let constantRequest {
            // It has no field, but unknown ones are legal, so the payload is still read.
            if !payload.isEmpty { _ = try members(of: payload, decoder) }
            return constantRequest
        }
        let (parameters, body) = try members(of: payload, decoder)
        return HTTPRequest(method: route.httpMethod.name, path: try path(parameters), body: body)
    }

    private func members(
        of payload: UnsafeRawBufferPointer,
        _ decoder: RequestDecoder
    ) throws(Status) -> (parameters: [String], body: SharedBytes?) {
        do throws(RequestError) {
            return try decoder.withMessage(payload, as: input) { (message) throws(RequestError) in
                (parameters(in: message), try body(in: message, size: payload.count))
            }
        } catch {
            throw Status(error)
        }
    }

    /// The values of the path's parameters, in its order.
    private func parameters(in message: borrowing ProtobufMessage) -> [String] {
        var values: [String] = []
        for case .parameter(let field) in route.path { values.append(message.string(field) ?? "") }
        return values
    }

    /// The body as JSON, or `nil` if there is none.
    private func body(in message: borrowing ProtobufMessage, size: Int) throws(RequestError) -> SharedBytes? {
        guard let field = route.body, message.has(field) else { return nil }
        // Texts are as long in JSON as in the message, and six times that if all of them is escaped. Of a large block, what is
        // not used takes no memory, and moving it would take twice as much.
        var json =
            size < 1 << 20 ? ByteBuffer(capacity: size + size / 16 + 256) : ByteBuffer(largeCapacity: 6 * size)
        try message.appendJSON(of: field, to: &json)
        return SharedBytes(taking: json)
    }

    private func path(_ parameters: [String]) throws(Status) -> [UInt8] {
        var rest = parameters[...]
        var path: [UInt8] = []
        for part in route.path {
            switch part {
            case .text(let text): path += text
            case .parameter(let field): try Self.append(rest.popFirst() ?? "", of: field.name, to: &path)
            }
        }
        return path
    }

    private static func append(_ value: String, of name: String, to path: inout [UInt8]) throws(Status) {
        do throws(PathSegmentError) {
            try path.append(pathSegment: value)
        } catch {
            let reason =
                switch error {
                case .empty: "an empty id names no \(name)"
                case .dots: "'\(value)' cannot be the id of a \(name)"
                }
            throw Status(.invalidArgument, .badRequest, "\(name): \(reason)")
        }
    }

    // MARK: - Answers

    /// What the call wants of the body of a 2xx answer.
    var delivery: Exchange.Delivery {
        switch route.answer {
        case .empty: .none
        case .message: .limitedParts
        case .parts: .parts
        }
    }

    /// An answer is sent in parts.
    var isStream: Bool { unarySchema == nil && list != nil }

    /// What makes messages of the answer as it arrives; `nil` if it is not sent in parts.
    func makeStream(_ transcoder: JSONTranscoder) -> MessageStream? {
        guard isStream, let list else { return nil }
        return MessageStream(transcoder: transcoder, schema: list)
    }

    /// The elements of a unary answer; `nil` if it has none.
    var unaryList: ListSchema? { unarySchema == nil ? nil : list }

    /// The payload that a body is, lent until something else is transcoded.
    /// - Parameter buffer: where the body lies, if it was gathered.
    func payload(
        _ body: UnsafeRawBufferPointer,
        in buffer: BodyBuffer?,
        _ transcoder: JSONTranscoder
    ) throws(JSONTranscodingError) -> Payload {
        guard let unarySchema else { preconditionFailure("\(method.name) has no message for an answer") }
        if isShared { memo.miss() }
        let payload =
            if isShared, body.count <= Self.longestList, let list {
                try transcoder.transcode(body, as: list, remembering: &listMemo)
            } else {
                try transcoder.transcode(body, as: unarySchema)
            }
        guard ServerSession.fits(payload: payload.count) else {
            throw .messageTooLarge(limit: JSONTranscoder.maximumMessage)
        }
        return Payload(lent: payload, copy: isShared ? memo.remember(body, in: buffer, payload) : nil)
    }
}

extension MessageType {
    /// The first field that is a list of messages.
    fileprivate var firstList: Field? {
        fields.first { field in
            if case .message(let name) = field.kind { field.isRepeated && name != Self.timestamp } else { false }
        }
    }
}
