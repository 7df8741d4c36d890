import Contract
import EventLoop
import FuzzSupport
import Logging
import PiecesOS

@testable import Gateway

/// The door of a gateway that has no clients and is shutting down, and a client of it.
final class DoorStub: DoorClient {
    let socket = ListeningSocket(descriptor: -1, path: "/run/gateway.sock", policy: AccessPolicy(users: []))
    private let door: HTTPDoor
    private var answer: HTTPAnswer?

    init() {
        do {
            let loop = try Loop()
            let limits = Limits()
            let log = ClientLog(loop: loop, logger: Logger(label: "", factory: { _ in SwiftLogNoOpLogHandler() }))
            let contract = try Contract.carried()
            let location = try UpstreamLocation(parsing: "http://127.0.0.1:1")
            let upstream = Upstream(loop: loop, location: location, limits: Upstream.Limits())
            let serving = try Serving(loop: loop, upstream: upstream)
            serving.shutDown()
            let facts = Facts(
                loop: loop,
                build: Build(revision: ""),
                contract: contract,
                metrics: Metrics(contract),
                traffic: Traffic(),
                clients: try Clients(loop: loop, limits: limits, log: log),
                reception: try Reception(loop: loop, sockets: [], limits: limits, log: log),
                upstream: upstream,
                sockets: [socket],
                routes: []
            )
            door = HTTPDoor(facts, serving)
        } catch {
            fatalError("no gateway can be made: \(error)")
        }
    }

    func answer(_ answer: HTTPAnswer) {
        demand(self.answer == nil, "one request is answered once")
        self.answer = answer
    }

    func answer(to event: HTTPServerSession.Event) -> HTTPAnswer {
        door.answer(event, for: self)
        defer { answer = nil }
        guard let answer else { fatalError("a request is not answered") }
        return answer
    }
}
