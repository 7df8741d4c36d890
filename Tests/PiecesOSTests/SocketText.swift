/// Lines of the kernel's tables of TCP sockets, as it writes them.
enum SocketText {
    static let heading =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

    static func line(
        _ local: String,
        _ remote: String = "00000000:0000",
        state: String = "0A",
        user: UInt32 = 1000,
        inode: UInt64 = 23456
    ) -> String {
        "   0: \(local) \(remote) \(state) 00000000:00000000 00:00000000 00000000 \(user)        0 \(inode) 1 0 100\n"
    }
}
