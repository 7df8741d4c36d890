import EventLoop
import Glibc

/// Where the service manager listens for how the process is: `NOTIFY_SOCKET` of sd_notify(3), one datagram a message.
struct NotificationSocket {
    private let descriptor: Int32
    private var address = sockaddr_un()
    private let addressLength: socklen_t

    /// - Parameter bytes: an absolute path, or an abstract name with an @ for the leading NUL. Those of other families, such
    ///   as `vsock:`, are for virtual machines.
    init(address bytes: [UInt8]) throws {
        guard bytes.count > 1, bytes.count <= SocketAddress.maximumPathLength,
            bytes[0] == UInt8(ascii: "/") || bytes[0] == UInt8(ascii: "@")
        else {
            let text = String(decoding: bytes, as: UTF8.self)
            throw Refusal(
                "NOTIFY_SOCKET is no path or abstract name of \(SocketAddress.maximumPathLength) bytes at most: '\(text)'"
            )
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: bytes)
            if bytes[0] == UInt8(ascii: "@") { $0[0] = 0 }
        }
        // The length is part of an abstract name.
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
        addressLength = socklen_t(offset + bytes.count)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Refusal("cannot make a socket: \(String(cString: strerror(errno)))") }
        // Who does not read must not keep the gateway from serving, nor from hearing that it is to stop.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends one assignment, or says which error it could not be sent for. It waits for room only with `waiting`, since
    /// nobody else is served meanwhile.
    func send(_ assignment: String, waiting: Bool = false) -> Int32? {
        let bytes = Array(assignment.utf8)
        let flags = Int32(MSG_NOSIGNAL) | (waiting ? 0 : Int32(MSG_DONTWAIT))
        let sent = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, flags, $0, addressLength)
            }
        }
        return sent < 0 ? errno : nil
    }

    func close() {
        Glibc.close(descriptor)
    }
}
