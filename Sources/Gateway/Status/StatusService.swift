import Bytes
import Calls
import Contract
import EventLoop
import Glibc
import PiecesOS

/// `pieces.gateway.v1.Control/Status`: what the gateway is and how it is doing. Field numbers are those of control.proto.
struct StatusService {
    private let facts: Facts

    static func add(to services: LocalServices, _ facts: Facts) {
        let service = StatusService(facts: facts)
        services.handle(
            "pieces.gateway.v1.Control",
            "Status",
            .atOnce { (request, client) throws(Status) in
                try service.check(request.payload)
                return service.response(for: client)
            }
        )
    }

    /// `StatusRequest {}`: fields that it does not have are legal.
    private func check(_ payload: UnsafeRawBufferPointer) throws(Status) {
        do throws(ProtobufProblem) {
            var reader = ProtobufReader(payload)
            while !reader.isAtEnd { try reader.skipValue(try reader.readTag()) }
        } catch {
            throw Status(error)
        }
    }

    private func response(for client: any CallingClient) -> [UInt8] {
        var response = ProtobufWriter()
        response.append(field: 1, Build.version)
        response.append(field: 2, facts.build.revision)
        response.append(field: 3, timestamp(facts.build.start))
        response.append(field: 4, varint: UInt64(getpid()))
        response.append(field: 5, upstream())
        for socket in facts.sockets { response.append(field: 6, self.socket(socket)) }
        for method in facts.contract.methods where client.allowedMethods.contains(method) {
            if isCarriedOut(method, for: client) { response.append(field: 7, method.fullName) }
        }
        response.append(field: 8, varint: UInt64(facts.clients.callCount))
        response.append(field: 9, varint: UInt64(facts.upstream.waitingCount))
        appendCounts(to: &response)
        response.append(field: 12, varint: UInt64(facts.clients.unread.count))
        response.append(field: 13, varint: UInt64(ProcessFacts().residentBytes))
        return response.bytes
    }

    /// ttrpc has no streams of requests, and gRPC a frame that cancels.
    private func isCarriedOut(_ method: Method, for client: any CallingClient) -> Bool {
        client.cancelsByFrame ? !ControlService.isCancel(method) : !method.isClientStreaming
    }

    private func upstream() -> [UInt8] {
        let upstream = facts.upstream
        var status = ProtobufWriter()
        status.append(field: 1, "\(upstream.location)")
        status.append(field: 2, upstream.foundLocation ?? "")
        status.append(field: 3, varint: Self.number(of: upstream.state))
        status.append(field: 4, upstream.sentence)
        if let answer = upstream.lastAnswer {
            status.append(field: 5, timestamp(.now().earlier(by: facts.loop.turnTime - answer.time)))
            status.append(field: 6, varint: answer.nanoseconds)
        }
        return status.bytes
    }

    /// Of `UpstreamState`.
    private static func number(of state: UpstreamState) -> UInt64 {
        switch state {
        case .serving: 1
        case .notReady: 2
        case .unreachable: 3
        case .distrusted: 4
        case .unknown: 5
        }
    }

    private func socket(_ socket: ListeningSocket) -> [UInt8] {
        var status = ProtobufWriter()
        status.append(field: 1, socket.path)
        status.append(field: 2, socket.policy.text(facts.contract))
        status.append(field: 3, varint: UInt64(socket.counts.connections))
        return status.bytes
    }

    private func appendCounts(to response: inout ProtobufWriter) {
        for method in facts.contract.methods {
            for code in Status.Code.allCases {
                let count = facts.metrics.handledCount(method, code)
                guard count > 0 else { continue }
                var entry = ProtobufWriter()
                entry.append(field: 1, method.fullName)
                entry.append(field: 2, code.name)
                entry.append(field: 3, varint: UInt64(count))
                response.append(field: 10, entry.bytes)
            }
        }
        for reason in Status.Reason.allCases {
            guard let count = facts.metrics.errors[reason], count > 0 else { continue }
            var entry = ProtobufWriter()
            entry.append(field: 1, reason.rawValue)
            entry.append(field: 2, varint: UInt64(count))
            response.append(field: 11, entry.bytes)
        }
    }

    /// `google.protobuf.Timestamp { 1 seconds  2 nanos }`.
    private func timestamp(_ time: WallTime) -> [UInt8] {
        var timestamp = ProtobufWriter()
        timestamp.append(field: 1, varint: UInt64(time.seconds))
        timestamp.append(field: 2, varint: UInt64(time.nanoseconds))
        return timestamp.bytes
    }
}
