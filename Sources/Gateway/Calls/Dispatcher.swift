import Calls
import Contract
import PiecesOS
import Transcoding

/// Takes the requests of clients to those who carry them out.
protocol CallDispatcher: AnyObject {
    /// Begins a call, or answers it at once.
    func dispatch(_ request: CallRequest, for client: any CallingClient) throws(Status)
    /// A call that was begun has ended.
    /// - Parameter reason: of the error that it was answered with.
    func ended(_ call: Call, _ code: Status.Code, _ reason: Status.Reason?, for client: any CallingClient)
    /// A client was answered with an error before there was a call.
    func refused(_ reason: Status.Reason)
    /// Whether calls of others than this client have waited for a connection to the upstream for so long.
    func keepsWaiting(othersThan client: AnyObject, for milliseconds: UInt64) -> Bool
    /// The calls of a client that wait for a connection to the upstream stay where they are, because it does not read.
    func holdBack(_ client: AnyObject)
    /// It has read.
    func goOn(for client: AnyObject)
}

/// Decides what becomes of a request: it goes upstream, the gateway answers it itself, or it is refused.
final class Dispatcher {
    private let contract: Contract
    private let limits: Limits
    private let host: any ClientHost
    private let upstream: Upstream
    private let pool: CallPool
    private let decoder: RequestDecoder
    /// By the index of their method; `nil` for those that the gateway carries out.
    private let routes: [RoutedMethod?]
    private let services: LocalServices
    private let log: CallLog
    private let metrics: Metrics
    /// Where the headers of a request are gathered before its call takes them over.
    private var headers = ForwardedHeaders()

    init(
        contract: Contract,
        limits: Limits,
        host: any ClientHost,
        upstream: Upstream,
        pool: CallPool,
        decoder: RequestDecoder,
        routes: [RoutedMethod?],
        services: LocalServices,
        log: CallLog,
        metrics: Metrics
    ) {
        self.contract = contract
        self.limits = limits
        self.host = host
        self.upstream = upstream
        self.pool = pool
        self.decoder = decoder
        self.routes = routes
        self.services = services
        self.log = log
        self.metrics = metrics
    }
}

extension Dispatcher: CallDispatcher {
    func dispatch(_ request: CallRequest, for client: any CallingClient) throws(Status) {
        guard let method = contract.method(service: request.service, method: request.method) else {
            refused(.unknownMethod)
            throw .unknown(request, in: contract)
        }
        metrics.started(method)
        do throws(Status) {
            guard client.allowedMethods.contains(method) else {
                client.socket.counts.denied += 1
                throw .policyDenied(method)
            }
            if let route = routes[method.index] {
                try forward(request, route, for: client)
            } else {
                try carryOut(request, method, for: client)
            }
        } catch {
            var status = error
            status.operation = method.name
            ended(method, status.code, status.reason, nanoseconds: 0, of: client.peer)
            throw status
        }
    }

    private func carryOut(_ request: CallRequest, _ method: Method, for client: any CallingClient) throws(Status) {
        switch try services.handler(of: request, method) {
        case .atOnce(let answer):
            try answer(request, client).withUnsafeBytes { client.complete(request.key, $0) }
            ended(method, .ok, nil, nanoseconds: 0, of: client.peer)
        case .work(let prepare):
            try checkRoom(for: client)
            let work = try prepare(request, client)
            // A stream of the gateway's own goes on for as long as its client listens.
            let isBounded = !method.isServerStreaming || request.timeout != .unspecified
            let nanoseconds = isBounded ? try nanoseconds(of: request.timeout) : nil
            try begin(request.key, for: client) { call in
                call.start(method, work, for: client, key: request.key, nanoseconds: nanoseconds)
            }
        }
    }

    private func forward(_ request: CallRequest, _ route: RoutedMethod, for client: any CallingClient) throws(Status) {
        guard !client.isDraining else { throw .shuttingDown }
        try checkRoom(for: client)
        let http = try route.request(request.payload, decoder)
        try headers.read(request.metadata)
        let nanoseconds = try nanoseconds(of: request.timeout)
        try begin(request.key, for: client) { call in
            call.start(route, http, forwarding: headers, for: client, key: request.key, nanoseconds: nanoseconds)
        }
    }

    private func checkRoom(for client: any CallingClient) throws(Status) {
        guard client.callCount < limits.calls else { throw .tooManyCalls(limit: limits.calls) }
    }

    private func begin(
        _ key: CallKey,
        for client: any CallingClient,
        _ start: (Call) -> Void
    ) throws(Status) {
        guard host.admitsCall(of: client) else { throw .tooManyCallsOfAll(limit: limits.callsOfAll) }
        do throws(Status) {
            let call = try pool.take()
            client.begin(call, key)
            start(call)
        } catch {
            host.callEnded()
            throw error
        }
    }

    private func nanoseconds(of timeout: CallTimeout) throws(Status) -> UInt64 {
        switch timeout {
        case .unspecified: return limits.deadline * 1_000_000
        case .expired: throw .deadlineExceeded
        case .nanoseconds(let nanoseconds): return nanoseconds
        }
    }

    func ended(_ call: Call, _ code: Status.Code, _ reason: Status.Reason?, for client: any CallingClient) {
        if let method = call.method { ended(method, code, reason, nanoseconds: call.duration, of: client.peer) }
        host.callEnded()
        pool.giveBack(call)
    }

    private func ended(
        _ method: Method,
        _ code: Status.Code,
        _ reason: Status.Reason?,
        nanoseconds: UInt64,
        of peer: PeerCredentials
    ) {
        metrics.handled(method, code, nanoseconds: nanoseconds)
        if let reason { metrics.failed(reason) }
        log.ended(method, code, nanoseconds: nanoseconds, of: peer)
    }

    func refused(_ reason: Status.Reason) {
        metrics.failed(reason)
    }

    func keepsWaiting(othersThan client: AnyObject, for milliseconds: UInt64) -> Bool {
        upstream.keepsWaiting(othersThan: client, for: milliseconds)
    }

    func holdBack(_ client: AnyObject) {
        upstream.holdBack(client)
    }

    func goOn(for client: AnyObject) {
        upstream.goOn(for: client)
    }
}
