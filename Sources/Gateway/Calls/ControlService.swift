import Bytes
import Calls
import Contract

/// `pieces.gateway.v1.Control`.
enum ControlService {
    private static let name: StaticString = "pieces.gateway.v1.Control"
    private static let cancelName: StaticString = "Cancel"

    static func add(to services: LocalServices) {
        services.handle(name, cancelName, .atOnce(cancel))
    }

    static func isCancel(_ method: Method) -> Bool {
        method.service == name.description && method.name == cancelName.description
    }

    /// Ends a call of the same connection, which ttrpc has no frame for. An id that is not in flight is no error.
    private static func cancel(_ request: CallRequest, _ client: any CallingClient) throws(Status) -> [UInt8] {
        guard !client.cancelsByFrame else {
            let reason = "Control/Cancel is for ttrpc: over gRPC a call is cancelled by RST_STREAM"
            throw Status(.unimplemented, .unknownMethod, reason)
        }
        do throws(ProtobufProblem) {
            if let id = try streamID(request.payload) { client.cancel(CallKey(id)) }
        } catch {
            throw Status(error)
        }
        return []
    }

    /// Of `CancelRequest { 1 stream_id }`.
    private static func streamID(_ payload: UnsafeRawBufferPointer) throws(ProtobufProblem) -> UInt32? {
        var reader = ProtobufReader(payload)
        var streamID: UInt32?
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            if tag.number == 1, tag.wireType == .varint {
                streamID = UInt32(truncatingIfNeeded: try reader.readVarint())
            } else {
                try reader.skipValue(tag)
            }
        }
        return streamID
    }
}
