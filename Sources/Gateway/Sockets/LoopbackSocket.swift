import Glibc

/// A socket of TCP that only this machine can connect to.
package struct LoopbackSocket {
    package let descriptor: Int32
    /// Such as `127.0.0.1:9464`, with the port that it has.
    package let address: String

    /// Where it is to be.
    package struct Place: Equatable, Sendable {
        let isIPv6: Bool
        let port: UInt16

        /// Reads `127.0.0.1:PORT`, `[::1]:PORT` or `localhost:PORT`; port 0 is one that is free.
        package init?(parsing text: String) {
            guard let colon = text.lastIndex(of: ":") else { return nil }
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let port = UInt16(digits)
            else { return nil }
            switch text[..<colon] {
            case "127.0.0.1", "localhost": isIPv6 = false
            case "[::1]": isIPv6 = true
            default: return nil
            }
            self.port = port
        }

        package var description: String { "\(isIPv6 ? "[::1]" : "127.0.0.1"):\(port)" }
    }

    package init(at place: Place) throws(SystemError) {
        descriptor = socket(place.isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue) | Self.closeOnExec, 0)
        guard descriptor >= 0 else { throw SystemError(errno) }
        var yes: Int32 = 1
        // The connections of the one before may not have ended yet.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        do throws(SystemError) {
            let port =
                place.isIPv6 ? try Self.bindIPv6(descriptor, place.port) : try Self.bindIPv4(descriptor, place.port)
            guard listen(descriptor, SOMAXCONN) == 0 else { throw SystemError(errno) }
            address = "\(place.isIPv6 ? "[::1]" : "127.0.0.1"):\(port)"
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)

    private static func bindIPv4(_ descriptor: Int32, _ port: UInt16) throws(SystemError) -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        try bind(descriptor, &address)
        return UInt16(bigEndian: address.sin_port)
    }

    private static func bindIPv6(_ descriptor: Int32, _ port: UInt16) throws(SystemError) -> UInt16 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6addr_loopback
        try bind(descriptor, &address)
        return UInt16(bigEndian: address.sin6_port)
    }

    /// Binds, and reads back what the address has become.
    private static func bind<Address>(_ descriptor: Int32, _ address: inout Address) throws(SystemError) {
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                var length = socklen_t(MemoryLayout<Address>.size)
                guard Glibc.bind(descriptor, pointer, length) == 0 else { return errno }
                return getsockname(descriptor, pointer, &length) == 0 ? 0 : errno
            }
        }
        guard result == 0 else { throw SystemError(result) }
    }
}

/// What the system says of a call that has failed.
package struct SystemError: Error, CustomStringConvertible {
    package let description: String

    init(_ number: Int32) {
        description = String(cString: strerror(number))
    }
}
