import EventLoop

/// The making of a connection to an endpoint: its addresses are tried one after the other, and where nobody named the
/// endpoint, it is looked up whose the other end is.
final class ConnectionAttempt {
    typealias Outcome = Result<ByteStream, UpstreamError>

    private let loop: Loop
    private let endpoint: Endpoint
    private var remainingAddresses: ArraySlice<SocketAddress>
    /// What was wrong with each of the addresses that were tried.
    private var failures: [String] = []
    private var stream: ByteStream?
    private var ownerLookup: SocketTables?
    private var ended: ((Outcome) -> Void)?

    /// - Parameter ended: is told the outcome once, unless the attempt is closed before.
    init(loop: Loop, endpoint: Endpoint, ended: @escaping (Outcome) -> Void) {
        self.loop = loop
        self.endpoint = endpoint
        self.ended = ended
        remainingAddresses = endpoint.addresses[...]
    }

    var isLookingUpOwner: Bool { ownerLookup != nil }

    /// Tries the next address. Separate from init, because `ended` may be told at once.
    func start() {
        guard let address = remainingAddresses.popFirst() else { return fail("\(endpoint): it has no address") }
        do throws(LoopError) {
            let family: ByteStream.Family = if case .unix = address { .unix } else { .internet }
            let stream = try ByteStream(loop: loop, family: family)
            self.stream = stream
            // The stream holds the attempt until it is connected or closed.
            try stream.connect(to: address) { [self] error in connected(to: address, error) }
        } catch {
            fail(address, error)
        }
    }

    private func connected(to address: SocketAddress, _ error: LoopError?) {
        guard let stream else { return }
        if let error { return fail(address, error) }
        do throws(LoopError) {
            if case .internet(let host, let port) = address {
                try stream.disableWriteCoalescing()
                guard try !stream.hasMetItself() else { return fail(address, .connectionRefused) }
                if endpoint.mustBeTrusted {
                    return lookUp(PeerOwner(address: host, port: port, ownPort: try stream.ownPort()))
                }
            }
        } catch {
            return fail(address, error)
        }
        succeed()
    }

    private func lookUp(_ owner: PeerOwner) {
        ownerLookup = owner.lookUp(for: endpoint, loop: loop) { [self] objection in
            ownerLookup = nil
            if let objection { end(.failure(objection)) } else { succeed() }
        }
    }

    // MARK: - The end

    private func fail(_ address: SocketAddress, _ error: LoopError) {
        failures.append("\(address): \(error)")
        stream?.close()
        if remainingAddresses.isEmpty { fail(failures.joined(separator: "; ")) } else { start() }
    }

    private func fail(_ reason: String) {
        end(.failure(.unreachable("cannot connect to \(reason)")))
    }

    private func succeed() {
        guard let stream else { return }
        self.stream = nil
        end(.success(stream))
    }

    private func end(_ outcome: Outcome) {
        let ended = ended
        close()
        ended?(outcome)
    }

    /// Gives it up. May be called more than once.
    func close() {
        ended = nil
        ownerLookup?.close()
        ownerLookup = nil
        stream?.close()
        stream = nil
    }
}

@available(*, unavailable) extension ConnectionAttempt: Sendable {}
