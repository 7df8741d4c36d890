import CLibUV
import Glibc

/// Where a stream can connect to.
package enum SocketAddress: Equatable, Sendable {
    /// An address and port of IPv4 or IPv6, the address as text without brackets.
    case internet(address: String, port: UInt16)
    case unix(path: String)

    /// What fits into `sockaddr_un`. libuv before 1.46 cuts a longer path without a word.
    package static let maximumPathLength = 107

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
