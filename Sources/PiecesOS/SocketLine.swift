internal import Bytes
import Glibc

/// One line of the kernel's tables of TCP sockets (proc_pid_net(5)); addresses and ports are hexadecimal, each 32-bit
/// word of an address in the machine's order:
///
///     sl: local_address:port rem_address:port st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
struct SocketLine: Equatable {
    enum State: UInt8 {
        case established = 0x01
        case synReceived = 0x03
        case closeWait = 0x08
        case listening = 0x0A
    }

    struct End: Hashable {
        let address: SocketTableAddress
        let port: UInt16
    }

    let local: End
    let remote: End
    /// `nil` for the states that nobody asks about.
    let state: State?
    let user: UInt32
    /// 0 as long as no process has the socket: nobody has accepted the connection, or it has been closed.
    let inode: UInt64

    /// `nil` for what is no such line, such as the heading.
    init?(_ text: UnsafeRawBufferPointer) {
        var columns = text
        columns.skipColumns(1)
        guard let local = End(columns.nextColumn()), let remote = End(columns.nextColumn()),
            let state = columns.nextColumn()[...].hexadecimal
        else { return nil }
        columns.skipColumns(3)
        guard let user = columns.nextColumn().decimal.flatMap({ UInt32(exactly: $0) }) else { return nil }
        columns.skipColumns(1)
        guard let inode = columns.nextColumn().decimal else { return nil }
        self.local = local
        self.remote = remote
        self.state = State(rawValue: UInt8(truncatingIfNeeded: state))
        self.user = user
        self.inode = inode
    }
}

extension SocketLine.End {
    fileprivate init?(_ column: UnsafeRawBufferPointer) {
        guard let colon = column.firstIndex(of: ":", from: 0) else { return nil }
        guard let address = SocketTableAddress(column[..<colon]), let port = column[(colon + 1)...].hexadecimal else {
            return nil
        }
        self.address = address
        self.port = UInt16(truncatingIfNeeded: port)
    }
}

extension SocketTableAddress {
    fileprivate init?(_ digits: Slice<UnsafeRawBufferPointer>) {
        switch digits.count {
        case 8:
            guard let bits = digits.hexadecimal else { return nil }
            self = .ipv4(UInt32(bits))
        case 32:
            guard let high = digits.prefix(16).hexadecimal, let low = digits.suffix(16).hexadecimal else { return nil }
            self = .ipv6(high, low)
        default: return nil
        }
    }
}

// MARK: - At a glance

extension SocketLine {
    /// What tells whether a line is worth reading whole: there are thousands, of which a few matter.
    struct Glance: Equatable {
        let localPort: PortText
        let isListening: Bool

        init?(_ text: UnsafeRawBufferPointer) {
            guard let number = text.firstIndex(of: ":", from: 0),
                let local = text.firstIndex(of: ":", from: number + 1),
                let remote = text.firstIndex(of: ":", from: local + 1), remote + 8 <= text.count
            else { return nil }
            localPort = PortText(text, at: local + 1)
            isListening = text[remote + 6] == UInt8(ascii: "0") && text[remote + 7] == UInt8(ascii: "A")
        }
    }

    /// The four digits of a port, compared at once.
    struct PortText: Hashable {
        private let characters: UInt32

        init(_ port: UInt16) {
            let digits = Array("0123456789ABCDEF".utf8)
            let text = [12, 8, 4, 0].map { digits[Int(port >> $0 & 0xF)] }
            self = text.withUnsafeBytes { PortText($0, at: 0) }
        }

        fileprivate init(_ text: UnsafeRawBufferPointer, at offset: Int) {
            characters = text.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        }
    }
}

// MARK: - Text

extension UnsafeRawBufferPointer {
    func firstIndex(of character: Unicode.Scalar, from start: Int) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        return memchr(base + start, Int32(character.value), count - start).map { UnsafeRawPointer($0) - base }
    }

    /// Cuts the next column off, which blanks part from others; empty at the end.
    fileprivate mutating func nextColumn() -> UnsafeRawBufferPointer {
        var start = 0
        while start < count, self[start] == UInt8(ascii: " ") { start += 1 }
        _ = removePrefix(atMost: start)
        return removePrefix(atMost: firstIndex(of: " ", from: 0) ?? count)
    }

    fileprivate mutating func skipColumns(_ number: Int) {
        for _ in 0..<number { _ = nextColumn() }
    }

    fileprivate var decimal: UInt64? {
        isEmpty ? nil : reduce(0) { number, byte in byte.decimalDigit.flatMap { number?.appending($0, radix: 10) } }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Up to 16 digits, and at least one.
    fileprivate var hexadecimal: UInt64? {
        guard 1...16 ~= count else { return nil }
        var number: UInt64 = 0
        for byte in self {
            guard let digit = byte.hexadecimalDigit else { return nil }
            number = number << 4 | UInt64(digit)
        }
        return number
    }
}
