import EventLoop
import Glibc

/// Looks through the kernel's tables of TCP sockets, those of IPv4 and then those of IPv6.
///
/// The kernel takes tens of milliseconds to print the table of a machine with many sockets, so that a turn of the loop
/// reads a portion.
final class SocketTables {
    enum Part {
        /// They come first in a table (the kernel's proc_net_tcp.rst).
        case listeners
        case all
    }

    private enum Next {
        case line
        case table
        case end
    }

    static func notReadable(_ error: LoopError) -> UpstreamError {
        .unreachable("cannot tell who listens: \(paths[0]) is not readable (\(error)); name Pieces OS with --upstream")
    }

    static let paths = ["/proc/net/tcp", "/proc/net/tcp6"]
    /// Reads in one turn. One brings a page, which is some 27 sockets.
    private static let readsOfTurn = 16
    private static let bufferSize = 8 * 1024

    private var reading: Deferred
    private var paths: ArraySlice<String>
    private let ports: Set<SocketLine.PortText>
    private let part: Part
    private let line: (SocketLine) -> Bool
    private var ended: ((LoopError?) -> Void)?
    private var descriptor: Int32 = -1
    private var hasOpenedOne = false
    private var buffer = [UInt8](repeating: 0, count: bufferSize)
    /// Bytes at the beginning of the buffer: of a line that is not whole.
    private var unreadCount = 0

    /// - Parameters:
    ///   - ports: only sockets on these ports of this machine matter.
    ///   - line: is told each of them, and says whether to go on.
    ///   - ended: is told that there are no more, or that the first table cannot be read. A machine without IPv6 has no
    ///     second one.
    init(
        loop: Loop,
        paths: [String] = SocketTables.paths,
        ports: Set<UInt16>,
        part: Part,
        line: @escaping (SocketLine) -> Bool,
        ended: @escaping (LoopError?) -> Void
    ) {
        reading = Deferred(on: loop)
        self.paths = paths[...]
        self.ports = Set(ports.map { SocketLine.PortText($0) })
        self.part = part
        self.line = line
        self.ended = ended
        reading.ask(self)
    }

    deinit { assert(descriptor < 0, "tables were dropped before they were closed") }

    /// Reads no more, and says nothing more.
    func close() {
        ended = nil
        closeTable()
    }

    private func finish(_ error: LoopError? = nil) {
        let ended = ended
        close()
        ended?(error)
    }

    // MARK: - Tables

    private func openTable() {
        guard let path = paths.popFirst() else { return finish() }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return finish(hasOpenedOne ? nil : .system(errno)) }
        hasOpenedOne = true
    }

    private func closeTable() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        unreadCount = 0
    }

    // MARK: - Lines

    private func readOnce() {
        let count = buffer.withUnsafeMutableBytes { bytes in
            let free = UnsafeMutableRawBufferPointer(rebasing: bytes[unreadCount...])
            return Glibc.read(descriptor, free.baseAddress, free.count)
        }
        if count < 0, errno == EINTR { return }
        guard count > 0 else { return closeTable() }
        switch takeLines(of: unreadCount + count) {
        case .line: break
        case .table: closeTable()
        case .end: finish()
        }
    }

    /// Takes the lines that are whole, and moves what is behind them to the front.
    private func takeLines(of count: Int) -> Next {
        buffer.withUnsafeMutableBytes { bytes in
            let read = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            var start = 0
            var next = Next.line
            while case .line = next, let end = read.firstIndex(of: "\n", from: start) {
                next = take(UnsafeRawBufferPointer(rebasing: read[start..<end]))
                start = end + 1
            }
            unreadCount = count - start
            if let base = bytes.baseAddress { memmove(base, base + start, unreadCount) }
            return next
        }
    }

    private func take(_ text: UnsafeRawBufferPointer) -> Next {
        guard let glance = SocketLine.Glance(text) else { return .line }
        if part == .listeners, !glance.isListening { return .table }
        guard ports.contains(glance.localPort), let read = SocketLine(text) else { return .line }
        return line(read) ? .line : .end
    }
}

extension SocketTables: EndOfTurnTask {
    func endOfTurn() {
        for _ in 0..<Self.readsOfTurn where ended != nil {
            if descriptor < 0 { openTable() } else { readOnce() }
        }
        if ended != nil { reading.ask(self) }
    }
}

@available(*, unavailable) extension SocketTables: Sendable {}
