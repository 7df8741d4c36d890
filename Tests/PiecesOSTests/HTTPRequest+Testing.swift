import Bytes
import HTTP

extension HTTPRequest {
    nonisolated(unsafe) static let snapshot = HTTPRequest(method: "GET", path: Array("/models".utf8))
    nonisolated(unsafe) static let unload = HTTPRequest(method: "POST", path: Array("/models/unload".utf8))

    static func create(_ body: [UInt8]) -> HTTPRequest {
        let body = body.withUnsafeBytes { SharedBytes(copying: $0) }
        return HTTPRequest(method: "POST", path: Array("/models/create".utf8), body: body)
    }
}
