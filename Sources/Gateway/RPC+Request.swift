import Calls
import PiecesOS
import TTRPC
import Transcoding

extension RPC {
    /// The HTTP request that the payload asks for. `.cancel` is none of these.
    func request(_ payload: UnsafeRawBufferPointer, _ decoder: RequestDecoder) throws(Status) -> HTTPRequest {
        do {
            return switch self {
            case .modelsSnapshot: try empty(payload, .modelsSnapshotRequest, .modelsSnapshot, decoder)
            case .streamModelsSnapshot: try empty(payload, .streamModelsSnapshotRequest, .modelsSnapshot, decoder)
            case .unloadModels: try empty(payload, .unloadModelsRequest, .unloadModels, decoder)
            case .modelsCreateNewModel: try create(payload, decoder)
            case .modelsDeleteSpecificModel: try delete(payload, decoder)
            case .modelsDeleteSpecificModelCache: try deleteCache(payload, decoder)
            case .cancel: preconditionFailure("cancelling is between client and gateway")
            }
        } catch let error as RequestError {
            throw Status(error)
        } catch {
            throw Status(.invalidArgument, .badRequest, "\(error)")
        }
    }

    /// A request whose message has no field. Unknown ones are legal, so the payload is still read.
    private func empty(
        _ payload: UnsafeRawBufferPointer,
        _ type: ProtobufMessageType,
        _ operation: Operation,
        _ decoder: RequestDecoder
    ) throws -> HTTPRequest {
        if !payload.isEmpty {
            try decoder.withMessage(payload, as: type) { _ in }
        }
        return try HTTPRequest(operation)
    }

    private func create(_ payload: UnsafeRawBufferPointer, _ decoder: RequestDecoder) throws -> HTTPRequest {
        var request = try HTTPRequest(.modelsCreateNewModel)
        request.body = try decoder.withMessage(payload, as: .modelsCreateNewModelRequest) {
            (message) throws(RequestError) in try message.json(of: "seeded_model")
        }
        return request
    }

    private func delete(_ payload: UnsafeRawBufferPointer, _ decoder: RequestDecoder) throws -> HTTPRequest {
        let model = try decoder.withMessage(payload, as: .modelsDeleteSpecificModelRequest) { $0.string("model") ?? "" }
        return try HTTPRequest(.modelsDeleteSpecificModel, model: model)
    }

    private func deleteCache(_ payload: UnsafeRawBufferPointer, _ decoder: RequestDecoder) throws -> HTTPRequest {
        let (model, body) = try decoder.withMessage(payload, as: .modelsDeleteSpecificModelCacheRequest) {
            (message) throws(RequestError) in
            (message.string("model") ?? "", try message.json(of: "model_delete_cache_input"))
        }
        var request = try HTTPRequest(.modelsDeleteSpecificModelCache, model: model)
        request.body = body
        return request
    }
}

extension ProtobufMessage {
    /// The submessage as JSON, or `nil` if it is not set.
    fileprivate borrowing func json(of field: StaticString) throws(RequestError) -> [UInt8]? {
        guard has(field) else { return nil }
        var json: [UInt8] = []
        try appendJSON(of: field, to: &json)
        return json
    }
}
