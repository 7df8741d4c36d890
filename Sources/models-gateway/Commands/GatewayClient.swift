import CModelsClient
import CProtobufC
import Contract
import Glibc

/// Calls the gateway through the client library, one call at a time, and waits for what it answers.
final class GatewayClient {
    private let client: OpaquePointer
    private let timeout: Timeout?

    /// - Parameter path: the socket; nil for the one that the library finds by itself.
    init(path: String?, timeout: Timeout?) throws {
        self.timeout = timeout
        var options = models_options()
        options.struct_size = MemoryLayout<models_options>.size
        options.descriptor = -1
        var error: OpaquePointer?
        let made =
            if let path {
                path.withCString { path in
                    options.path = path
                    return models_client_new(&options, &error)
                }
            } else {
                models_client_new(&options, &error)
            }
        guard let made else { throw Self.failure(error) }
        client = made
    }

    deinit { models_client_free(client) }

    /// What the method answers, which must not be a stream.
    func call(_ method: Method, _ request: [UInt8] = []) throws -> [UInt8] {
        var answer: [UInt8] = []
        try call(method, request) { answer = $0 }
        return answer
    }

    /// Hands on what the method answers, in as many parts as come.
    func call(_ method: Method, _ request: [UInt8] = [], each body: ([UInt8]) throws -> Void) throws {
        let pending = PendingCall(isStream: method.isServerStreaming)
        let call = try begin(method, request, pending)
        defer { models_call_free(call) }
        while true {
            for part in pending.takeParts() { try body(part) }
            if let failure = pending.failure { throw failure }
            if pending.isOver { return }
            turn()
        }
    }

    private func begin(_ method: Method, _ request: [UInt8], _ pending: PendingCall) throws -> OpaquePointer {
        var options = models_call_options()
        options.struct_size = MemoryLayout<models_call_options>.size
        options.timeout_ms = milliseconds(for: method)
        // Any request may be an Empty that has kept the bytes.
        var empty = Pieces__Models__V1__Empty()
        pieces__models__v1__empty__init(&empty)
        guard let message = protobuf_c_message_unpack(empty.base.descriptor, nil, request.count, request) else {
            preconditionFailure("the request of \(method.fullName) is protobuf")
        }
        defer { protobuf_c_message_free_unpacked(message, nil) }
        var error: OpaquePointer?
        let context = Unmanaged.passUnretained(pending).toOpaque()
        let call = models_begin(
            client,
            method.fullName,
            message,
            &options,
            { PendingCall.take($1, $2, $3) },
            context,
            &error
        )
        guard let call else { throw Self.failure(error) }
        return call
    }

    /// What the gateway answers by itself for as long as it is asked has no end that could come too late.
    private func milliseconds(for method: Method) -> Int64 {
        if let timeout { return Int64(timeout.milliseconds) }
        return method.route == nil && method.isServerStreaming ? -1 : 0
    }

    private func turn() {
        let descriptor = models_client_get_descriptor(client)
        var watched = pollfd(fd: descriptor, events: models_client_get_events(client), revents: 0)
        poll(&watched, 1, models_client_get_timeout(client))
        // What is lost with the connection, the call is told.
        models_client_process(client, nil)
    }

    private static func failure(_ error: OpaquePointer?) -> CallFailure {
        defer { models_error_free(error) }
        return CallFailure(error)
    }
}
