/// An address as the kernel's tables of TCP sockets have it, on a little-endian machine.
enum SocketTableAddress: Hashable {
    /// In the table of IPv4.
    case ipv4(UInt32)
    /// In that of IPv6, which has the addresses of IPv4 too, of sockets that serve both.
    case ipv6(UInt64, UInt64)

    /// How a loopback address can be there.
    static func forms(of address: String) -> [SocketTableAddress] {
        switch address {
        case "127.0.0.1": [.ipv4(0x0100_007F), .ipv6(0, 0xFFFF_0000_0100_007F)]
        case "::1": [.ipv6(0, 0x0100_0000)]
        default: []
        }
    }

    /// What a socket is bound to that takes connections to every address, in the same table.
    var everyAddress: SocketTableAddress {
        switch self {
        case .ipv4: .ipv4(0)
        case .ipv6: .ipv6(0, 0)
        }
    }
}
