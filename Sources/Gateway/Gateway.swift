package import EventLoop
package import Logging
package import PiecesOS
import TTRPC
import Transcoding

/// The daemon without its command line: clients on one side, Pieces OS on the other. Belongs to the thread of the loop.
package final class Gateway {
    package struct Limits: Sendable {
        package var connections = 16_384
        /// Milliseconds that a call may take that brings no timeout of its own.
        package var deadline: UInt64 = 30_000
        /// Milliseconds that calls in flight get to end when the gateway is to stop.
        package var drain: UInt64 = 5_000

        package init() {}
    }

    let upstream: Upstream
    let answers = Answers()
    let requestDecoder = RequestDecoder()
    /// Where the headers of a request are gathered before its call takes them over.
    var forwardedHeaders = ForwardedHeaders()
    var deadline: UInt64 { limits.deadline }

    private let loop: Loop
    private let limits: Limits
    private let logger: Logger
    private let listener: UnixListener
    private let drainTimer: Timer
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    /// Calls that have ended and can be used again; each keeps its timer.
    private var spareCalls: [Call] = []
    private var spareFlights: [SnapshotFlight] = []
    private static let keptSpares = 64
    /// One for each set of forwarded headers that came lately.
    private var snapshotGroups: [SnapshotGroup] = []
    private static let maximumSnapshotGroups = 16
    private var isRefusing = false
    private var stopped: (() -> Void)?

    /// - Parameter descriptor: a bound Unix socket, which the gateway then owns.
    package init(
        loop: Loop,
        adopting descriptor: Int32,
        upstream: Upstream,
        limits: Limits,
        logger: Logger
    ) throws(LoopError) {
        self.loop = loop
        self.upstream = upstream
        self.limits = limits
        self.logger = logger
        listener = try UnixListener(loop: loop, adopting: descriptor)
        weak var gateway: Gateway?
        drainTimer = try Timer(loop: loop) { gateway?.shutDown() }
        gateway = self
    }

    package func start() throws(LoopError) {
        try listener.listen { [self] stream in accepted(stream) }
    }

    // MARK: - Connections

    private func accepted(_ stream: ByteStream) {
        guard connections.count < limits.connections else {
            stream.close()
            if !isRefusing { logger.warning("refusing connections", metadata: ["limit": "\(limits.connections)"]) }
            isRefusing = true
            return
        }
        let connection = ClientConnection(stream, loop: loop, gateway: self)
        connections[ObjectIdentifier(connection)] = connection
        do throws(LoopError) {
            try connection.start()
        } catch {
            connection.close()
        }
    }

    func ended(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = nil
        isRefusing = false
        if stopped != nil { stopIfDrained() }
    }

    // MARK: - Calls

    func makeCall() throws(Status) -> Call {
        if let call = spareCalls.popLast() { return call }
        do throws(LoopError) {
            return try Call(gateway: self, loop: loop)
        } catch {
            throw Status(.internal, .limitReached, "no timer for the call: \(error)")
        }
    }

    func recycle(_ call: Call) {
        if stopped == nil, spareCalls.count < Self.keptSpares {
            spareCalls.append(call)
        } else {
            call.close()
        }
    }

    func makeFlight() -> SnapshotFlight {
        spareFlights.popLast() ?? SnapshotFlight(gateway: self)
    }

    func recycle(_ flight: SnapshotFlight) {
        if spareFlights.count < Self.keptSpares { spareFlights.append(flight) }
    }

    /// The group of the snapshot calls that forward these headers. `nil` if the call must go alone: a trace context
    /// belongs to one call, so that looking for a second with the same is in vain.
    func snapshotGroup(headers: ForwardedHeaders) -> SnapshotGroup? {
        guard !headers.holdsTraceContext, stopped == nil else { return nil }
        if let group = snapshotGroups.first(where: { $0.headers == headers }) { return group }
        if snapshotGroups.count == Self.maximumSnapshotGroups {
            guard let unused = snapshotGroups.firstIndex(where: \.isEmpty) else { return nil }
            snapshotGroups.remove(at: unused).close()
        }
        // Without a timer the call can still go alone.
        guard let group = try? SnapshotGroup(headers: headers, gateway: self, loop: loop) else { return nil }
        snapshotGroups.append(group)
        return group
    }

    // MARK: - Stopping

    /// Stops accepting, lets the calls in flight end for a while, and closes everything. `stopped` is called when
    /// nothing of the gateway is left on the loop.
    package func drain(_ stopped: @escaping () -> Void) {
        guard self.stopped == nil else { return }
        self.stopped = stopped
        logger.notice("stopping", metadata: ["connections": "\(connections.count)"])
        listener.close()
        drainTimer.start(milliseconds: limits.drain)
        for connection in connections.values { connection.drain() }
        stopIfDrained()
    }

    /// Ends the calls that are still in flight, each with an answer that says so.
    package func shutDown() {
        for connection in connections.values { connection.shutDown() }
    }

    private func stopIfDrained() {
        guard connections.isEmpty, let stopped else { return }
        self.stopped = nil
        drainTimer.close()
        for call in spareCalls { call.close() }
        spareCalls = []
        for group in snapshotGroups { group.close() }
        snapshotGroups = []
        upstream.close()
        stopped()
    }
}
