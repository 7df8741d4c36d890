import Calls
import GRPC

/// An event of a session with copies of what was lent.
enum Heard: Equatable {
    case call(UInt32, service: String, method: String, payload: [UInt8], CallTimeout, traceparent: String?)
    case requestStream(UInt32, method: String)
    case message(UInt32, [UInt8])
    case endOfRequest(UInt32)
    case page(UInt32, String, isHead: Bool)
    case cancelled(UInt32)
    case refused(UInt32)
    case drained(UInt32)
    case closed(SessionEnd)
    case nothing
    case large(Int)

    init(_ event: ServerSession.Event) {
        switch event {
        case .call(let request):
            self = .call(
                request.key.rawValue,
                service: request.service.text,
                method: request.method.text,
                payload: Array(request.payload),
                request.timeout,
                traceparent: request.metadata[.traceparent].map(\.text)
            )
        case .requestStream(let request): self = .requestStream(request.key.rawValue, method: request.method.text)
        case .message(let key, let message): self = .message(key.rawValue, Array(message))
        case .endOfRequest(let key): self = .endOfRequest(key.rawValue)
        case .page(let page): self = .page(page.key.rawValue, page.path.text, isHead: page.isHead)
        case .cancelled(let key): self = .cancelled(key.rawValue)
        case .refused(let key, _): self = .refused(key.rawValue)
        case .drained(let key): self = .drained(key.rawValue)
        case .closed(let end): self = .closed(end)
        case .nothing: self = .nothing
        case .large(let count): self = .large(count)
        }
    }

    static func unload(
        _ id: UInt32,
        payload: [UInt8] = [],
        _ timeout: CallTimeout = .unspecified,
        traceparent: String? = nil
    ) -> Heard {
        .call(
            id,
            service: "pieces.models.v1.ModelsService",
            method: "UnloadModels",
            payload: payload,
            timeout,
            traceparent: traceparent
        )
    }
}

extension UnsafeRawBufferPointer {
    var text: String { String(decoding: self, as: UTF8.self) }
}
