@testable import Gateway

/// A request read in one go and without any care for speed, and what is to be answered to it.
struct PlainRequest {
    private(set) var isBad = false
    private(set) var request = HTTPServerRequest(method: "", target: "")

    /// Nil if its end is missing.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        // Behind the last line feed is what has not come whole.
        lines.removeLast()
        let end = lines.firstIndex { $0.last != 0x0D || $0 == [0x0D] || !Self.isText($0.dropLast()) }
        let head = lines[..<(end ?? lines.count)].map { Self.latin1($0.dropLast()) }
        if Self.readHead(head, into: &request) == nil {
            isBad = true
        } else if let end {
            let isRequest = lines[end] == [0x0D] && end > 0 && (head[0].hasSuffix("0") || Self.hosts(head).count == 1)
            isBad = !isRequest
        } else {
            return nil
        }
    }

    private static func isText(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == 9 || 32...126 ~= $0 || $0 > 127 }
    }

    private static func latin1(_ line: ArraySlice<UInt8>) -> String {
        line.map { String(UnicodeScalar($0)) }.joined()
    }

    private static func readHead(_ head: [String], into request: inout HTTPServerRequest) -> Void? {
        guard let first = head.first else { return () }
        let words = first.components(by: " ")
        guard words.count == 3, isToken(words[0]), words[1] != "", ["HTTP/1.0", "HTTP/1.1"].contains(words[2]) else {
            return nil
        }
        request.method = words[0]
        request.target = words[1]
        let hosts = hosts(head)
        let areFields = head.dropFirst().allSatisfy { isToken($0.components(by: ":")[0]) && $0.contains(":") }
        guard areFields, hosts.count <= 1 else { return nil }
        request.host = hosts.first
        request.hasOrigin = head.dropFirst().contains { $0.components(by: ":")[0].lowercased() == "origin" }
        if words[1].lowercased().hasPrefix("http://") {
            let rest = words[1].dropFirst("http://".count)
            let end = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
            request.host = String(rest[..<end])
            request.target = (rest[end...].first == "/" ? "" : "/") + rest[end...]
        }
        return ()
    }

    private static func hosts(_ head: [String]) -> [String] {
        head.dropFirst().filter { $0.components(by: ":")[0].lowercased() == "host" }.map { line in
            var value = line.dropFirst("host:".count)
            while value.first == " " || value.first == "\t" { value.removeFirst() }
            while value.last == " " || value.last == "\t" { value.removeLast() }
            return String(value)
        }
    }

    private static func isToken(_ text: String) -> Bool {
        let marks = "!#$%&'*+-.^_`|~"
        return text != "" && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || marks.contains($0)) }
    }

    var code: HTTPAnswer.Code {
        if request.hasOrigin || !isLocal { return .forbidden }
        let path = request.target.components(by: "?")[0]
        guard path == "/health" || path == "/metrics" else { return .notFound }
        guard request.method == "GET" || request.method == "HEAD" else { return .methodNotAllowed }
        // The gateway is shutting down.
        return path == "/health" ? .serviceUnavailable : .ok
    }

    private var isLocal: Bool {
        guard let host = request.host?.lowercased() else { return true }
        return ["localhost", "127.0.0.1", "[::1]"].contains { name in
            let port = host.dropFirst(name.count)
            return host.hasPrefix(name) && (port == "" || port.first == ":" && port.dropFirst().allSatisfy(\.isDigit))
        }
    }
}

extension String {
    fileprivate func components(by separator: Character) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}

extension Character {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
