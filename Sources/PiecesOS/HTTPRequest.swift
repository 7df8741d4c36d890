internal import Bytes

/// A request to Pieces OS, and the bytes that it is on the wire.
package struct HTTPRequest {
    package var method: StaticString
    /// With the model's id percent-encoded in it.
    package var path: [UInt8]
    /// JSON. `nil` is a request without a body.
    package var body: [UInt8]?

    /// Whether it may be in the system's buffers still when its answer is here.
    var isLarge: Bool { size > 64 * 1024 }

    /// Bytes of what a client can make long: the id of a model in the path, and the body.
    var size: Int { path.count + (body?.count ?? 0) }

    /// Whether it may be sent once more after a connection died with it: only what changes nothing. Better an error than a
    /// second model.
    let isRepeatable: Bool

    static let health = HTTPRequest(method: "GET", path: Array("/.well-known/health".utf8), isRepeatable: true)

    private init(method: StaticString, path: [UInt8], isRepeatable: Bool) {
        self.method = method
        self.path = path
        self.isRepeatable = isRepeatable
    }

    package init(method: StaticString, path: [UInt8], body: [UInt8]? = nil) {
        let isGet = method.utf8CodeUnitCount == 3 && method.utf8Start.pointee == UInt8(ascii: "G")
        self.init(method: method, path: path, isRepeatable: isGet)
        self.body = body
    }

    /// - Parameter model: the id of the model that the call is about; only for the two that delete.
    /// - Throws: `ModelIDError` for an id that cannot be one segment of a path.
    package init(_ operation: Operation, model: String = "") throws(ModelIDError) {
        switch operation {
        case .modelsSnapshot: self = HTTPRequest.snapshot
        case .modelsCreateNewModel:
            self.init(method: "POST", path: Array("/models/create".utf8), isRepeatable: false)
        case .modelsDeleteSpecificModel:
            self.init(method: "POST", path: try Self.path(model, "/delete"), isRepeatable: false)
        case .modelsDeleteSpecificModelCache:
            self.init(method: "POST", path: try Self.path(model, "/delete/cache"), isRepeatable: false)
        case .unloadModels: self = HTTPRequest.unload
        }
    }

    // The two without a parameter are made once; copies share the bytes of their path.
    package static let snapshot = HTTPRequest(method: "GET", path: Array("/models".utf8), isRepeatable: true)
    private static let unload = HTTPRequest(method: "POST", path: Array("/models/unload".utf8), isRepeatable: false)

    private static func path(_ model: String, _ suffix: String) throws(ModelIDError) -> [UInt8] {
        var path = Array("/models/".utf8)
        try appendPathSegment(model, to: &path)
        path += suffix.utf8
        return path
    }

    /// Appends the request as HTTP/1.1 (RFC 9112).
    /// - Parameters:
    ///   - authority: what the `Host` header says.
    ///   - headers: what the client has it carry.
    func append(to bytes: inout [UInt8], authority: [UInt8], forwarding headers: ForwardedHeaders) {
        bytes.append(method)
        bytes.append(" ")
        bytes += path
        bytes.append(" HTTP/1.1\r\nHost: ")
        bytes += authority
        bytes.append("\r\nAccept: application/json, text/plain\r\n")
        bytes += headers.lines
        if let body {
            bytes.append("Content-Type: application/json\r\nContent-Length: ")
            bytes += String(body.count).utf8
            bytes.append("\r\n\r\n")
            bytes += body
        } else if isRepeatable {
            bytes.append("\r\n")
        } else {
            bytes.append("Content-Length: 0\r\n\r\n")
        }
    }
}
