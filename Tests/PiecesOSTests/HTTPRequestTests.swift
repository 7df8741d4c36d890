import Testing

@testable import PiecesOS

struct HTTPRequestTests {
    private func text(
        _ request: HTTPRequest,
        authority: String = "localhost:1000",
        forwarding headers: ForwardedHeaders = ForwardedHeaders()
    ) -> String {
        var bytes: [UInt8] = []
        request.append(to: &bytes, authority: Array(authority.utf8), forwarding: headers)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a snapshot is a GET without a body`() throws {
        #expect(
            text(try HTTPRequest(.modelsSnapshot))
                == "GET /models HTTP/1.1\r\nHost: localhost:1000\r\nAccept: application/json, text/plain\r\n\r\n"
        )
    }

    @Test func `unloading is a POST that says that it has no body`() throws {
        #expect(
            text(try HTTPRequest(.unloadModels), authority: "127.0.0.1:39300")
                == "POST /models/unload HTTP/1.1\r\nHost: 127.0.0.1:39300\r\n"
                + "Accept: application/json, text/plain\r\nContent-Length: 0\r\n\r\n"
        )
    }

    @Test func `creating without a seeded model has no body and no type`() throws {
        #expect(
            text(try HTTPRequest(.modelsCreateNewModel))
                == "POST /models/create HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\nContent-Length: 0\r\n\r\n"
        )
    }

    @Test func `creating sends its JSON with type and length`() throws {
        var request = try HTTPRequest(.modelsCreateNewModel)
        request.body = Array(#"{"name":"é"}"#.utf8)
        #expect(
            text(request)
                == "POST /models/create HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\n"
                + "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"name\":\"é\"}"
        )
    }

    @Test func `deleting names the model in the path`() throws {
        #expect(
            text(try HTTPRequest(.modelsDeleteSpecificModel, model: "a/b"))
                == "POST /models/a%2Fb/delete HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\nContent-Length: 0\r\n\r\n"
        )
    }

    @Test func `deleting a cache takes a body or none`() throws {
        var request = try HTTPRequest(.modelsDeleteSpecificModelCache, model: "1")
        #expect(
            text(request)
                == "POST /models/1/delete/cache HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\nContent-Length: 0\r\n\r\n"
        )
        request.body = Array("{}".utf8)
        #expect(
            text(request)
                == "POST /models/1/delete/cache HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\n"
                + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        )
    }

    @Test func `forwarded headers stand in the head`() throws {
        var headers = ForwardedHeaders()
        for (header, value) in [(ForwardedHeader.application, "x"), (.tracestate, "y")] {
            try Array(value.utf8).withUnsafeBytes { try headers.append(header, $0) }
        }
        #expect(
            text(try HTTPRequest(.unloadModels), forwarding: headers)
                == "POST /models/unload HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\napplication: x\r\ntracestate: y\r\n"
                + "Content-Length: 0\r\n\r\n"
        )
    }

    @Test func `a request is appended to what is there`() throws {
        var bytes = Array("before".utf8)
        try HTTPRequest(.modelsSnapshot).append(
            to: &bytes,
            authority: Array("h".utf8),
            forwarding: ForwardedHeaders()
        )
        #expect(bytes.starts(with: "beforeGET /models HTTP/1.1\r\nHost: h\r\n".utf8))
    }

    @Test func `asking for health is a GET`() {
        #expect(text(.health).hasPrefix("GET /.well-known/health HTTP/1.1\r\nHost: localhost:1000\r\n"))
        #expect(HTTPRequest.health.isRepeatable)
    }

    @Test(arguments: [
        Operation.modelsCreateNewModel, .modelsDeleteSpecificModel, .modelsDeleteSpecificModelCache, .unloadModels,
    ])
    func `no POST may be repeated`(operation: Operation) throws {
        #expect(try !HTTPRequest(operation, model: "1").isRepeatable)
        #expect(try HTTPRequest(.modelsSnapshot).isRepeatable)
    }

    @Test(arguments: [Operation.modelsDeleteSpecificModel, .modelsDeleteSpecificModelCache])
    func `a model that cannot be named is refused before anything is sent`(operation: Operation) {
        for model in ["", ".", ".."] {
            #expect(throws: ModelIDError.self) { try HTTPRequest(operation, model: model) }
        }
    }
}
