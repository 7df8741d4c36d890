import Bytes

/// The server's side of an HTTP/1.1 connection (RFC 9112) that one request comes over: bytes in, the request or what is
/// wrong with it out. What comes behind the head is dropped.
final class HTTPServerSession {
    enum Event: Equatable {
        case request(HTTPServerRequest)
        /// It cannot be understood; why not.
        case bad(String)
    }

    /// Bytes of a head.
    static let maximumHead = 16 * 1024

    private var head: [UInt8] = []
    /// Where the line begins that has not come whole.
    private var lineStart = 0
    private var request: HTTPServerRequest?
    private var hasHost = false
    /// Since HTTP/1.1 a request says whom it is for (RFC 9112, section 3.2).
    private var needsHost = false
    private(set) var isOver = false

    /// Part of a head has arrived, and the rest is due.
    var isMidHead: Bool { !head.isEmpty && !isOver }
    /// Bytes that are kept.
    var unfinishedByteCount: Int { head.count }

    /// The one event there is, once its bytes are in; all bytes are taken in.
    func next(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        defer { _ = unread.removePrefix(atMost: unread.count) }
        for byte in unread where !isOver {
            head.append(byte)
            if let event = event(behind: byte) {
                isOver = true
                head = []
                return event
            }
        }
        return nil
    }

    private func event(behind byte: UInt8) -> Event? {
        guard byte == UInt8(ascii: "\n") else {
            return head.count < Self.maximumHead ? nil : .bad("the head has more than \(Self.maximumHead) bytes")
        }
        let line = head[lineStart..<head.count - 1]
        lineStart = head.count
        guard line.last == UInt8(ascii: "\r") else { return .bad("a line ends without a carriage return") }
        guard let text = Self.text(line.dropLast()) else { return .bad("a line has a control character") }
        guard text.isEmpty else { return request == nil ? readRequestLine(text) : readField(text) }
        guard let request else { return .bad("there is no request line") }
        guard hasHost || !needsHost else { return .bad("there is no Host") }
        return .request(request)
    }

    /// A line as characters of Latin-1, so that no byte is lost; `nil` for control characters.
    private static func text(_ line: ArraySlice<UInt8>) -> String? {
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
        return String(String.UnicodeScalarView(line.map { UnicodeScalar($0) }))
    }

    private func readRequestLine(_ line: String) -> Event? {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, Self.isToken(words[0]), !words[1].isEmpty else {
            return .bad("the first line is not 'METHOD target HTTP/1.1'")
        }
        guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else { return .bad("'\(words[2])' is not HTTP/1.1") }
        needsHost = words[2] == "HTTP/1.1"
        request = HTTPServerRequest(method: String(words[0]), target: String(words[1]))
        return words[1].lowercased().hasPrefix("http://") ? readAuthority(words[1].dropFirst(7)) : nil
    }

    /// Of a target that is a whole URL, which counts instead of the Host field (RFC 9112, section 3.2.2).
    private func readAuthority(_ rest: Substring) -> Event? {
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count)
        request?.host = String(authority)
        request?.target = path.hasPrefix("/") ? String(path) : "/" + path
        return nil
    }

    private func readField(_ line: String) -> Event? {
        guard let colon = line.firstIndex(of: ":"), Self.isToken(line[..<colon]) else {
            return .bad("a line of the head is not 'name: value'")
        }
        switch line[..<colon].lowercased() {
        case "host":
            guard !hasHost else { return .bad("Host comes twice") }
            hasHost = true
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let host = value.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
            if request?.host == nil { request?.host = String(host) }
        case "origin": request?.hasOrigin = true
        default: break
        }
        return nil
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
