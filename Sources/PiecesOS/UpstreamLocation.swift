import EventLoop

/// What `--upstream` says: where to find Pieces OS.
package enum UpstreamLocation: Equatable, Sendable, CustomStringConvertible {
    /// At the ports that Pieces OS is known to use.
    case auto
    case endpoint(Endpoint)

    /// `nil` where nobody named one.
    var endpoint: Endpoint? {
        if case .endpoint(let endpoint) = self { endpoint } else { nil }
    }

    package var description: String {
        switch self {
        case .auto: "auto"
        case .endpoint(let endpoint): endpoint.description
        }
    }

    /// Reads `auto`, `http://host:port` or `unix:PATH`; a host name is resolved now, and only now.
    package init(parsing text: String) throws(UpstreamLocationError) {
        if text == "auto" {
            self = .auto
        } else if text.hasPrefix("unix:") {
            self = .endpoint(try Self.unixEndpoint(path: String(text.dropFirst("unix:".count))))
        } else if text.lowercased().hasPrefix("http://") {
            self = .endpoint(try Self.internetEndpoint(authority: text.dropFirst("http://".count)))
        } else {
            let hint = Self.likelyMeaning(of: text).map { "; did you mean \($0)?" } ?? ""
            throw .notUsable("'\(text)' is none of auto, http://host:port and unix:PATH\(hint)")
        }
    }

    /// What a text without its beginning may stand for.
    private static func likelyMeaning(of text: String) -> String? {
        if text.hasPrefix("/") || text.hasPrefix("./") { return "unix:\(text)" }
        if text.lowercased().hasPrefix("https://") { return "http://\(text.dropFirst("https://".count))" }
        if text.allSatisfy(\.isWholeNumber), let port = UInt16(text) { return "http://localhost:\(port)" }
        guard let (host, port) = try? split(text[...]), !host.isEmpty, UInt16(port) != nil else { return nil }
        return "http://\(text)"
    }

    private static func unixEndpoint(path: String) throws(UpstreamLocationError) -> Endpoint {
        if let fault = SocketAddress.fault(inPath: path) { throw .notUsable("unix:\(path): \(fault)") }
        return Endpoint(authority: "localhost", addresses: [.unix(path: path)], description: "unix:\(path)")
    }

    private static func internetEndpoint(authority rest: Substring) throws(UpstreamLocationError) -> Endpoint {
        let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
        guard authority.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), !authority.contains(where: { "/?#@\\".contains($0) })
        else { throw .notUsable("'http://\(rest)' is more than a host and a port") }

        let (host, portText) = try split(authority)
        guard !host.isEmpty else { throw .notUsable("'http://\(rest)' names no host") }
        guard let port = portText.isEmpty ? 80 : UInt16(portText), port > 0, portText.allSatisfy(\.isWholeNumber) else {
            throw .notUsable("'\(portText)' is no port (1 to 65535)")
        }
        let isLocal = host.lowercased() == "localhost"
        let addresses = isLocal ? Endpoint.localhostAddresses(port: port) : try resolve(String(host), port: port)
        var named = authority
        if portText.isEmpty {
            // The port that was left out is shown: Pieces OS listens at another.
            named = (authority.hasSuffix(":") ? authority : authority + ":") + "\(port)"
        }
        return Endpoint(authority: String(authority), addresses: addresses, description: "http://\(named)")
    }

    /// Parts `host:port`, `host`, `[IPv6]:port` or `[IPv6]`; the port is empty if there is none.
    private static func split(_ authority: Substring) throws(UpstreamLocationError) -> (Substring, Substring) {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .notUsable("'\(authority)' lacks its ']'") }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .notUsable("'\(rest)' is no port") }
            return (host, rest.dropFirst())
        }
        guard let colon = authority.lastIndex(of: ":") else { return (authority, "") }
        guard authority.firstIndex(of: ":") == colon else {
            throw .notUsable("an IPv6 address goes in brackets: http://[\(authority)]")
        }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func resolve(_ host: String, port: UInt16) throws(UpstreamLocationError) -> [SocketAddress] {
        do {
            return try SocketAddress.resolve(host, port: port)
        } catch {
            throw .notResolved("cannot resolve '\(host)': \(error)")
        }
    }
}

/// Why `--upstream` cannot be used.
package enum UpstreamLocationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is written wrong.
    case notUsable(String)
    /// It is written right, but nobody knows the host.
    case notResolved(String)

    package var description: String {
        switch self {
        case .notUsable(let reason), .notResolved(let reason): reason
        }
    }
}
