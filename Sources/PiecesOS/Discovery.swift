import EventLoop
import Glibc

/// Looks for Pieces OS at the places where it is known to listen, one after the other. Belongs to the thread of its
/// loop; one search at a time.
final class Discovery {
    /// Nanoseconds that one place may take to say that it is healthy.
    private static let patience: UInt64 = 300_000_000
    private static let limits = Upstream.Limits(body: HTTPResponseReader.errorBodyLimit)

    private let loop: Loop
    private var timer: Timer?
    private lazy var exchange = Exchange(receiver: self)
    private var candidates: ArraySlice<Endpoint> = []
    private var connection: UpstreamConnection?
    private var isHealthy = false
    private var found: ((Endpoint?) -> Void)?

    init(loop: Loop) throws(LoopError) {
        self.loop = loop
        timer = try Timer(loop: loop) { [unowned self] in giveUpOnCandidate() }
    }

    /// In the order in which they are asked: the documented port, the one that Pieces OS wrote down, that of earlier
    /// Linux builds, the range of current builds.
    static func ports(writtenDown: UInt16?) -> [UInt16] {
        [1000] + (writtenDown.map { [$0] } ?? []) + [5323] + Array(39300...39333)
    }

    /// Starts a search; `found` is told the endpoint, or `nil` if there is none. Only while no search is under way.
    func search(_ found: @escaping (Endpoint?) -> Void) {
        precondition(self.found == nil, "a search was started while another was under way")
        self.found = found
        let endpoints = Self.ports(writtenDown: Self.writtenDownPort()).flatMap { port in
            Endpoint.localhostAddresses(port: port).map { address in
                Endpoint(authority: "localhost:\(port)", addresses: [address], mustBeTrusted: true)
            }
        }
        candidates = endpoints[...]
        askNext()
    }

    /// The port in Pieces OS's own file, which may be missing or empty.
    private static func writtenDownPort() -> UInt16? {
        guard let home = getenv("HOME") else { return nil }
        let path = String(cString: home) + "/Documents/com.pieces.os/production/Config/.port.txt"
        guard let contents = readFile(path, atMost: 64) else { return nil }
        let text = String(decoding: contents, as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    private func askNext() {
        connection = nil
        guard let candidate = candidates.popFirst() else { return finish(nil) }
        isHealthy = false
        exchange.prepare(.health, forwarding: ForwardedHeaders(), delivery: .whole)
        timer?.start(nanoseconds: Self.patience)
        let connection = UpstreamConnection(
            loop: loop,
            endpoint: candidate,
            limits: Self.limits,
            owner: self,
            for: exchange
        )
        self.connection = connection
        connection.connect()
    }

    /// Cancelling closes the connection, and that is what leads to the next candidate.
    private func giveUpOnCandidate() {
        connection?.cancel()
    }

    private func finish(_ endpoint: Endpoint?) {
        timer?.stop()
        connection = nil
        let found = self.found
        self.found = nil
        found?(endpoint)
    }

    func close() {
        found = nil
        candidates = []
        connection?.cancel()
        timer?.close()
    }
}

extension Discovery: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {}

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        guard status == 200, body.starts(with: "ok:".utf8) else { return }
        isHealthy = true
    }

    func failed(_ error: UpstreamError) {}
}

extension Discovery: UpstreamConnection.Owner {
    func connection(_ connection: UpstreamConnection, couldNotConnectFor exchange: Exchange, _ error: String) {
        exchange.end()
        askNext()
    }

    func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange) {
        preconditionFailure("a connection with one exchange has none to repeat")
    }

    func connectionBecameIdle(_ connection: UpstreamConnection) {
        connection.closeIdle()
    }

    func connectionClosed(_ connection: UpstreamConnection) {
        if isHealthy { finish(connection.endpoint) } else { askNext() }
    }
}
