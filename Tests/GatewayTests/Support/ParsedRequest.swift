import Calls

/// What a request says, which the test can change.
struct ParsedRequest {
    var service: String
    var method: String
    var payload: [UInt8] = []
    var application: String?
    var timeout = CallTimeout.unspecified

    init(_ method: String, of service: String = "pieces.models.v1.ModelsService", payload: [UInt8] = []) {
        self.method = method
        self.service = service
        self.payload = payload
    }

    /// Lends it as it comes from a session.
    func lend<Result, Failure: Error>(_ body: (CallRequest) throws(Failure) -> Result) throws(Failure) -> Result {
        try Self.lend(Array(service.utf8), Array(method.utf8)) { (service, method) throws(Failure) in
            try Self.lend(payload, Array((application ?? "").utf8)) { (payload, application) throws(Failure) in
                var metadata = RequestMetadata()
                if self.application != nil {
                    try Self.lend(Array("application".utf8), []) { (key, _) throws(Failure) in
                        metadata.add(key, application)
                    }
                }
                return try body(
                    CallRequest(
                        key: CallKey(1),
                        service: service,
                        method: method,
                        payload: payload,
                        metadata: metadata,
                        timeout: timeout
                    )
                )
            }
        }
    }

    private static func lend<Result, Failure: Error>(
        _ one: [UInt8],
        _ other: [UInt8],
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try one.withUnsafeBufferPointer { (one) throws(Failure) in
            try other.withUnsafeBufferPointer { (other) throws(Failure) in
                try body(UnsafeRawBufferPointer(one), UnsafeRawBufferPointer(other))
            }
        }
    }
}
