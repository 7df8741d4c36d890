import Calls
import Contract
import PiecesOS
import Transcoding

/// Takes the requests of clients to those who carry them out.
protocol CallDispatcher: AnyObject {
    /// Begins a call, or answers it at once.
    func dispatch(_ request: CallRequest, for client: any CallingClient) throws(Status)
    /// A call that was begun has ended.
    func ended(_ call: Call, _ code: Status.Code, for client: any CallingClient)
    /// Whether calls of others than this client wait for a connection to the upstream.
    func keepsWaiting(othersThan client: AnyObject) -> Bool
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
        log: CallLog
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
    }
}

extension Dispatcher: CallDispatcher {
    func dispatch(_ request: CallRequest, for client: any CallingClient) throws(Status) {
        guard let method = contract.method(service: request.service, method: request.method) else {
            throw .unknown(request, in: contract)
        }
        do throws(Status) {
            guard client.allowedMethods.contains(method) else { throw .policyDenied(method) }
            if let route = routes[method.index] {
                try forward(request, route, for: client)
            } else {
                try services.answer(request, method, for: client)
                log.ended(method, .ok, of: client.peer)
            }
        } catch {
            var status = error
            status.operation = method.name
            log.ended(method, status.code, of: client.peer)
            throw status
        }
    }

    private func forward(_ request: CallRequest, _ route: RoutedMethod, for client: any CallingClient) throws(Status) {
        guard !client.isDraining else { throw .shuttingDown }
        guard client.callCount < limits.calls else { throw .tooManyCalls(limit: limits.calls) }
        let http = try route.request(request.payload, decoder)
        try headers.read(request.metadata)
        let nanoseconds = try nanoseconds(of: request.timeout)
        guard host.admitsCall(of: client) else { throw .tooManyCallsOfAll(limit: limits.callsOfAll) }
        do throws(Status) {
            let call = try pool.take()
            client.begin(call, request.key)
            call.start(route, http, forwarding: headers, for: client, key: request.key, nanoseconds: nanoseconds)
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

    func ended(_ call: Call, _ code: Status.Code, for client: any CallingClient) {
        if let method = call.method?.method { log.ended(method, code, since: call.startTime, of: client.peer) }
        host.callEnded()
        pool.giveBack(call)
    }

    func keepsWaiting(othersThan client: AnyObject) -> Bool {
        upstream.keepsWaiting(othersThan: client)
    }
}
