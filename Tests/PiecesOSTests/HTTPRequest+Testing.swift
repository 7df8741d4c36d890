import HTTP

extension HTTPRequest {
    static let snapshot = HTTPRequest(method: "GET", path: Array("/models".utf8))
    static let unload = HTTPRequest(method: "POST", path: Array("/models/unload".utf8))

    static func create(_ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(method: "POST", path: Array("/models/create".utf8), body: body)
    }
}
