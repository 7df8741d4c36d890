import FlyingFox
import Foundation

/// Answers HTTP requests as Pieces OS does.
struct ModelsAPI: HTTPHandler {
    let store: ModelStore
    let latency: Duration
    let state: State
    private let instance = UUID().uuidString.lowercased()
    private static let version = "12.3.2"
    private static let forever = Duration.seconds(1_000_000_000)

    init(store: ModelStore, latency: Duration, state: State) {
        self.store = store
        self.latency = latency
        self.state = state
    }

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
        if latency > .zero {
            try await Task.sleep(for: latency)
        }
        if state == .starting {
            try await Task.sleep(for: Self.forever)
        }
        var response = try await respond(to: request)
        if request.method == .HEAD, case .httpBody(let body) = response.payload {
            response.headers[.contentLength] = body.count.map { "\($0)" }
            response.payload = .httpBody(HTTPBodySequence(data: Data()))
        }
        return response
    }

    private func respond(to request: HTTPRequest) async throws -> HTTPResponse {
        let path = request.target.path(percentEncoded: true)
        guard let endpoint = Endpoint(method: request.method, percentEncodedPath: path) else {
            return text(.notFound, "There is no \(request.method.rawValue) \(path) here.")
        }
        do {
            return try await answer(to: endpoint, body: request.bodyData)
        } catch let refusal as Refusal {
            // How the real server words it.
            let failure = "Unable to \(endpoint.purpose), internal server error. (error: \(refusal.sentence))"
            return text(.internalServerError, failure)
        }
    }

    private func answer(to endpoint: Endpoint, body: Data) async throws -> HTTPResponse {
        if !endpoint.isWellKnown, let answer = state.answerToCalls {
            return text(answer.status, answer.text)
        }
        switch endpoint {
        case .health:
            return text(.ok, state == .migrating ? "migrating" : "ok:\(instance)")
        case .version:
            return text(.ok, Self.version)
        case .snapshot:
            return try await json(store.snapshot())
        case .create:
            guard let body = try decode(body) else {
                throw Refusal("A model can only be created from a SeededModel, and the request has no body.")
            }
            return try await json(store.create(SeededModel(body)))
        case .delete(let model):
            try await store.delete(model)
            return HTTPResponse(statusCode: .noContent)
        case .deleteCache(let model):
            if let input = try decode(body), input.object == nil {
                throw Refusal("The body is not a ModelDeleteCacheInput: it is not an object.")
            }
            return try await json(store.deleteCache(model))
        case .unload:
            await store.unload()
            return HTTPResponse(statusCode: .noContent)
        }
    }

    private func decode(_ body: Data) throws(Refusal) -> JSON? {
        guard !body.isEmpty else { return nil }
        do {
            return try JSONDecoder().decode(JSON.self, from: body)
        } catch {
            throw Refusal("The body is not JSON that can be read.")
        }
    }

    private func json(_ value: JSON) throws -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try response(.ok, "application/json; charset=utf-8", encoder.encode(value))
    }

    private func text(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
        response(status, "text/plain; charset=utf-8", Data(text.utf8))
    }

    private func response(_ status: HTTPStatusCode, _ contentType: String, _ body: Data) -> HTTPResponse {
        HTTPResponse(
            statusCode: status,
            headers: [.contentType: contentType],
            body: HTTPBodySequence(data: body, suggestedBufferSize: 1 << 16)
        )
    }
}
