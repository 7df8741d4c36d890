/// Who has sent a request over HTTP.
protocol DoorClient: AnyObject {
    var socket: ListeningSocket { get }
    /// Sends the answer, and closes when it has left.
    func answer(_ answer: HTTPAnswer)
}

/// What is answered to HTTP: how it is, what was counted, and to everybody else what this socket is for.
final class HTTPDoor {
    static let pages = ["/metrics", "/health"]

    private let facts: Facts
    private let serving: Serving

    init(_ facts: Facts, _ serving: Serving) {
        self.facts = facts
        self.serving = serving
    }

    /// Answers one that came over HTTP/2.
    /// - Parameter path: of a page.
    func answer(_ path: String, isHead: Bool, for client: any DoorClient) {
        answer(HTTPServerRequest(method: isHead ? "HEAD" : "GET", target: path), for: client)
    }

    func answer(_ event: HTTPServerSession.Event, for client: any DoorClient) {
        switch event {
        case .bad(let reason): client.answer(help(.badRequest, "This is no HTTP request: \(reason).", client))
        case .request(let request): answer(request, for: client)
        }
    }

    private func answer(_ request: HTTPServerRequest, for client: any DoorClient) {
        guard !request.hasOrigin, request.isForThisMachine else {
            let reason = "Web pages, and names other than localhost, are not answered."
            return client.answer(HTTPAnswer(code: .forbidden, body: reason + "\n"))
        }
        guard Self.pages.contains(String(request.path)) else {
            return client.answer(help(.notFound, "There is nothing at \(request.path).", client))
        }
        guard request.isRead else {
            let reason = "\(request.path) can only be read: GET or HEAD, not \(request.method)."
            return client.answer(help(.methodNotAllowed, reason, client))
        }
        if request.path == "/health" { return serving.ask(HealthRequest(client)) }
        let text = MetricsPage.text(facts)
        client.answer(HTTPAnswer(code: .ok, contentType: MetricsText.contentType, body: text))
    }

    private func help(_ code: HTTPAnswer.Code, _ reason: String, _ client: any DoorClient) -> HTTPAnswer {
        let path = client.socket.isDoor ? facts.sockets.first?.path ?? "PATH" : client.socket.path
        let metrics =
            client.socket.isDoor
            ? "curl http://\(client.socket.path)/metrics" : "curl --unix-socket \(path) http://localhost/health"
        return HTTPAnswer(
            code: code,
            body: """
                \(reason)

                \(client.socket.isDoor ? client.socket.path : path) is a socket of models-gateway. \
                Of HTTP/1.1 it answers GET and HEAD of /health and /metrics.
                The Models API is to be had over \(path), as gRPC or ttrpc. Try:

                  \(metrics)
                  grpcurl -plaintext -unix \(path) list
                  python3 -c 'from models_gateway import Client; print(Client("\(path)").models_snapshot())'

                """
        )
    }
}

/// One request for health that waits for its answer.
private final class HealthRequest: ServingAsker {
    private let client: any DoorClient

    init(_ client: any DoorClient) {
        self.client = client
    }

    func told(_ answer: Serving.Answer) {
        client.answer(HTTPAnswer(answer))
    }
}

extension HTTPAnswer {
    fileprivate init(_ answer: Serving.Answer) {
        switch answer {
        case .serving: self.init(code: .ok, body: "SERVING: Pieces OS answers\n")
        case .notServing(let reason): self.init(code: .serviceUnavailable, body: "NOT_SERVING: \(reason)\n")
        case .shuttingDown:
            self.init(code: .serviceUnavailable, body: "NOT_SERVING: the gateway is shutting down\n")
        }
    }
}
