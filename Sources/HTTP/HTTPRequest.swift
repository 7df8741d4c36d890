package import Bytes

/// A request, and the bytes that it is on the wire: its head, and its body behind that.
package struct HTTPRequest {
    package let method: StaticString
    /// Percent-encoded.
    package let path: [UInt8]
    /// JSON, which exists once. `nil` is a request without a body.
    package private(set) var body: SharedBytes?
    private let kind: Kind

    private enum Kind {
        case get
        /// A body is usual, so that it is said when there is none (RFC 9110, section 8.6).
        case usuallyWithBody
        case other

        init(_ method: StaticString) {
            self =
                switch method.description {
                case "GET": .get
                case "POST", "PUT", "PATCH": .usuallyWithBody
                default: .other
                }
        }
    }

    package init(method: StaticString, path: [UInt8], body: SharedBytes? = nil) {
        self.method = method
        self.path = path
        self.body = body
        kind = Kind(method)
    }

    /// Whether it may be sent once more after a connection died with it: only what changes nothing. Better an error than the
    /// same change twice.
    package var isRepeatable: Bool { kind == .get }

    /// Whether it may be in the system's buffers still when its answer is here.
    package var isLarge: Bool { size > 64 * 1024 }

    /// Bytes of what a client can make long: the parameters in the path, and the body.
    package var size: Int { path.count + (body?.bytes.count ?? 0) }

    /// Holds the body no longer, because it is not going to be sent again.
    package mutating func dropBody() {
        body = nil
    }

    /// What stands in each head to the same server behind the path.
    /// - Parameter authority: what the `Host` header says.
    package static func lines(for authority: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        lines.append(" HTTP/1.1\r\nHost: ")
        lines += authority
        lines.append("\r\nAccept: application/json, text/plain\r\n")
        return lines
    }

    /// Appends the head as HTTP/1.1 (RFC 9112).
    /// - Parameters:
    ///   - common: the `lines(for:)` of the server.
    ///   - lines: further ones for its head.
    package func appendHead(to bytes: inout [UInt8], common: [UInt8], lines: HTTPHeaderLines) {
        bytes.append(method)
        bytes.append(" ")
        bytes += path
        bytes += common
        bytes += lines.bytes
        if let body {
            bytes.append("Content-Type: application/json\r\nContent-Length: ")
            bytes += String(body.bytes.count).utf8
            bytes.append("\r\n\r\n")
        } else if kind == .usuallyWithBody {
            bytes.append("Content-Length: 0\r\n\r\n")
        } else {
            bytes.append("\r\n")
        }
    }
}
