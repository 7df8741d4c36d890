/// An answer to a request that came as HTTP.
struct HTTPAnswer: Equatable {
    enum Code: Int {
        case ok = 200
        case badRequest = 400
        case forbidden = 403
        case notFound = 404
        case methodNotAllowed = 405
        case serviceUnavailable = 503

        var phrase: String {
            switch self {
            case .ok: "OK"
            case .badRequest: "Bad Request"
            case .forbidden: "Forbidden"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .serviceUnavailable: "Service Unavailable"
            }
        }
    }

    var code: Code
    var contentType = "text/plain; charset=utf-8"
    var body: String

    /// As HTTP/1.1, the last that is sent over its connection.
    /// - Parameter isHead: without the body.
    func encoded(isHead: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(code.rawValue) \(code.phrase)\r\n"
        if code == .methodNotAllowed { head += "Allow: GET, HEAD\r\n" }
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array((isHead ? head : head + body).utf8)
    }
}
