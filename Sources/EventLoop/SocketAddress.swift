import CLibUV
import Glibc

/// Where a stream can connect to.
package enum SocketAddress: Equatable, Sendable {
    /// An address and port of IPv4 or IPv6, the address as text without brackets.
    case internet(address: String, port: UInt16)
    case unix(path: String)

    /// What fits into `sockaddr_un`. libuv before 1.46 cuts a longer path without a word.
    package static let maximumPathLength = 107

    /// What is wrong with a text as the path of a Unix socket, for people; `nil` if it can be one.
    package static func fault(inPath path: String) -> String? {
        let count = path.utf8.count
        if count == 0 || path.utf8.contains(0) { return "the path of a socket is wanted" }
        if count > maximumPathLength {
            return "it has \(count) bytes, and the path of a socket has \(maximumPathLength) at most"
        }
        if path.hasPrefix("@") {
            return "a name with @ is one of an abstract socket, which has no owner and no permissions; "
                + "for a file of that name write ./\(path)"
        }
        return nil
    }

    /// Calls `body` with the address as the system wants it. Only for `.internet`.
    func withInternetAddress<Result>(
        _ body: (UnsafePointer<sockaddr>) throws(LoopError) -> Result
    ) throws(LoopError) -> Result {
        guard case .internet(let address, let port) = self else { throw LoopError(rawValue: UV_EAFNOSUPPORT.rawValue) }
        var storage = sockaddr_storage()
        let pointer = UnsafeMutablePointer<sockaddr_storage>.allocate(capacity: 1)
        defer { pointer.deallocate() }
        pointer.initialize(to: storage)
        let raw = UnsafeMutableRawPointer(pointer)
        if uv_ip4_addr(address, Int32(port), raw.assumingMemoryBound(to: sockaddr_in.self)) != 0 {
            storage = sockaddr_storage()
            pointer.pointee = storage
            try LoopError.check(uv_ip6_addr(address, Int32(port), raw.assumingMemoryBound(to: sockaddr_in6.self)))
        }
        return try body(UnsafePointer(raw.assumingMemoryBound(to: sockaddr.self)))
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:1000`, `[::1]:1000` or a path.
    package var description: String {
        switch self {
        case .internet(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .unix(let path): path
        }
    }
}

extension SocketAddress {
    /// The addresses of a host name, asked of the system's resolver. Blocks until it has answered.
    package static func resolve(_ host: String, port: UInt16) throws(ResolverError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { throw ResolverError(description: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }

        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let text = numericHost(of: entry.pointee) {
                addresses.append(.internet(address: text, port: port))
            }
            next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw ResolverError(description: "it has no address") }
        return addresses
    }

    private static func numericHost(of entry: addrinfo) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
            let status = getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                buffer.baseAddress,
                socklen_t(buffer.count),
                nil,
                0,
                NI_NUMERICHOST
            )
            guard status == 0, let base = buffer.baseAddress else { return nil }
            return String(cString: base)
        }
    }
}

/// Why a host name has no address.
package struct ResolverError: Error, CustomStringConvertible {
    package let description: String
}
