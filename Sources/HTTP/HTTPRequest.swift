package import Bytes

/// A request, and the bytes that it is on the wire: its head, and its body behind that. A class, because it is handed from
/// one to the next, and copying what it consists of costs more than all else on that way.
package final class HTTPRequest {
    package let method: StaticString
    /// Percent-encoded.
    package let path: [UInt8]
    /// Method and path, as its head begins.
    private let start: [UInt8]
    /// JSON, which exists once. `nil` is a request without a body.
    package let body: SharedBytes?
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
        var start: [UInt8] = []
        start.reserveCapacity(method.utf8CodeUnitCount + 1 + path.count)
        start.append(method)
        start.append(" ")
        start += path
        self.start = start
    }

    /// Whether it may be sent once more after a connection died with it: only what changes nothing. Better an error than the
    /// same change twice.
    package var isRepeatable: Bool { kind == .get }

    /// Whether it may be in the system's buffers still when its answer is here.
    package var isLarge: Bool { size > 64 * 1024 }

    /// Bytes of what a client can make long: the parameters in the path, and the body.
    package var size: Int { path.count + (body?.bytes.count ?? 0) }

    /// The same without its body, for who has sent that.
    package var withoutBody: HTTPRequest { HTTPRequest(method: method, path: path) }

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
    package func appendHead(to bytes: inout ByteBuffer, common: [UInt8], lines: HTTPHeaderLines) {
        let end = self.end
        let count = start.count + common.count + lines.bytes.count + end.utf8CodeUnitCount
        bytes.reserve(count)
        var place = UnsafeMutableRawPointer(bytes.start + bytes.count)
        place.put(start)
        place.put(common)
        place.put(lines.bytes)
        place.put(end)
        bytes.count += count
        guard let body else { return }
        bytes.append(text: String(body.bytes.count))
        bytes.append("\r\n\r\n")
    }

    /// What its head ends with, or, with a body, what is in front of the length of that.
    private var end: StaticString {
        if body != nil { return "Content-Type: application/json\r\nContent-Length: " }
        return kind == .usuallyWithBody ? "Content-Length: 0\r\n\r\n" : "\r\n"
    }
}

/// What it holds belongs to the loop's thread.
@available(*, unavailable) extension HTTPRequest: Sendable {}
