import Calls
import Contract
import EventLoop
import EventLoopTesting
import HTTP
import Logging
import PiecesOS
import Testing
import Transcoding

@testable import Gateway

struct DispatcherTests {
    private struct Setting {
        let stub: UpstreamStub
        let dispatcher: Dispatcher
        let client: FakeClient
        let host: FakeHost
        let log: LogRecord

        /// What is wrong with a request, if anything is.
        func refusal(_ request: ParsedRequest) -> Status? {
            do throws(Status) {
                try request.lend { (request) throws(Status) in try dispatcher.dispatch(request, for: client) }
                return nil
            } catch {
                return error
            }
        }
    }

    private func withDispatcher(
        timers: Bool = true,
        _ limits: Limits = Limits(),
        _ test: (Setting) throws -> Void
    ) throws {
        try withUpstreamStub { stub in
            let contract = try Carried.contract()
            let (client, host, log) = (FakeClient(), FakeHost(), LogRecord())
            client.allowedMethods = .all(of: contract)
            var calls: [Call] = []
            let pool = CallPool { () throws(LoopError) in
                guard timers else { throw .noBufferSpace }
                let call = try stub.call()
                calls.append(call)
                return call
            }
            defer { for call in calls { call.close() } }
            let services = LocalServices(contract)
            services.handle("pieces.gateway.v1.Control", "Cancel", .atOnce { _, _ in [8, 1] })
            let dispatcher = Dispatcher(
                contract: contract,
                limits: limits,
                host: host,
                upstream: stub.upstream,
                pool: pool,
                decoder: RequestDecoder(),
                routes: try contract.methods.map { $0.route == nil ? nil : try Carried.routed($0.name) },
                services: services,
                log: CallLog(logger: Logger(label: "test") { _ in log }),
                metrics: Metrics(contract)
            )
            try test(Setting(stub: stub, dispatcher: dispatcher, client: client, host: host, log: log))
        }
    }

    @Test func `a request of the contract goes upstream`() throws {
        try withDispatcher { setting in
            var request = ParsedRequest("ModelsDeleteSpecificModel")
            request.payload = Array("\n\u{3}a/b".utf8)
            request.application = "me"
            #expect(setting.refusal(request) == nil)
            #expect(setting.client.events == [.began(1)])
            #expect(setting.host.askedForCalls == 1)
            try setting.stub.requests(1)
            #expect(
                setting.stub.server.connections[0].text
                    == "POST /models/a%2Fb/delete HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/plain\r\n"
                    + "application: me\r\nContent-Length: 0\r\n\r\n"
            )
            try setting.stub.server.connections[0].answer("")
            try setting.stub.loop.run(until: { setting.client.events.count == 2 })
            #expect(setting.client.events.last == .completed([]))
        }
    }

    @Test func `a request without metadata carries none of the one before`() throws {
        try withDispatcher { setting in
            var request = ParsedRequest("UnloadModels")
            request.application = "me"
            #expect(setting.refusal(request) == nil)
            request.application = nil
            #expect(setting.refusal(request) == nil)
            try setting.stub.requests(2)
            #expect(setting.stub.server.connections.map { $0.text.contains("application: me") } == [true, false])
        }
    }

    @Test func `a method of the gateway itself is answered at once, also when it is to stop`() throws {
        try withDispatcher { setting in
            setting.client.isDraining = true
            let request = ParsedRequest("Cancel", of: "pieces.gateway.v1.Control")
            #expect(setting.refusal(request) == nil)
            #expect(setting.client.events == [.answered(1, [8, 1])])
            #expect(setting.host.askedForCalls == 0)
            #expect(setting.log.entries.map { $0.metadata["code"] } == ["OK"])
        }
    }

    @Test func `what is wrong with a request is looked for in this order`() throws {
        var limits = Limits()
        limits.calls = 3
        try withDispatcher(limits) { setting in
            let client = setting.client
            client.allowedMethods = .init()
            client.isDraining = true
            client.callCount = 3
            setting.host.admits = false
            var request = ParsedRequest("ModelsDeleteSpecificModel", of: "nobody")
            request.application = "\u{7}"
            request.timeout = .expired
            #expect(setting.refusal(request)?.reason == .unknownMethod)
            request.service = "pieces.models.v1.ModelsService"
            #expect(setting.refusal(request)?.reason == .policyDenied)
            client.allowedMethods = try #require(try Carried.methods("ModelsDeleteSpecificModel"))
            #expect(setting.refusal(request)?.reason == .shuttingDown)
            client.isDraining = false
            #expect(setting.refusal(request) == named(.tooManyCalls(limit: 3)))
            client.callCount = 2
            #expect(setting.refusal(request)?.message.hasPrefix("model: ") == true)
            request.payload = Array("\n\u{1}a".utf8)
            #expect(setting.refusal(request)?.message.hasPrefix("metadata application: ") == true)
            request.application = nil
            #expect(setting.refusal(request)?.reason == .deadlineExceeded)
            request.timeout = .unspecified
            #expect(setting.host.askedForCalls == 0)
            #expect(setting.refusal(request) == named(.tooManyCallsOfAll(limit: limits.callsOfAll)))
            #expect(client.events.isEmpty)
            setting.host.admits = true
            #expect(setting.refusal(request) == nil)
            #expect(client.events == [.began(1)])
        }
    }

    private func named(_ status: Status) -> Status {
        var status = status
        status.operation = "ModelsDeleteSpecificModel"
        return status
    }

    @Test func `of an unknown method it is said whether the service is known`() throws {
        try withDispatcher { setting in
            let noMethod = setting.refusal(ParsedRequest("Nothing"))
            #expect(noMethod?.code == .unimplemented)
            #expect(noMethod?.message == "the service pieces.models.v1.ModelsService has no method 'Nothing'")
            let noService = setting.refusal(ParsedRequest("Nothing", of: "x.Y"))
            #expect(noService?.message == "there is no service 'x.Y' (asked for its method 'Nothing')")
        }
    }

    @Test func `a call that gets no timer gives its place back`() throws {
        try withDispatcher(timers: false) { setting in
            #expect(setting.refusal(ParsedRequest("UnloadModels"))?.reason == .limitReached)
            #expect(setting.host.askedForCalls == 1)
            #expect(setting.host.endedCalls == 1)
            #expect(setting.client.events.isEmpty)
        }
    }

    @Test func `a call has its own timeout, and else the gateway's deadline`() throws {
        var limits = Limits()
        limits.deadline = 30
        try withDispatcher(limits) { setting in
            var patient = ParsedRequest("UnloadModels")
            patient.timeout = .nanoseconds(3_600_000_000_000)
            #expect(setting.refusal(patient) == nil)
            let start = setting.stub.loop.now
            #expect(setting.refusal(ParsedRequest("UnloadModels")) == nil)
            try setting.stub.loop.run(until: { setting.client.events.count == 3 })
            #expect(setting.stub.loop.now - start >= 30)
            guard case .failed(let status)? = setting.client.events.last else {
                Issue.record("\(setting.client.events)")
                return
            }
            #expect(status.code == .deadlineExceeded)
            #expect(status.operation == "UnloadModels")
        }
    }

    @Test func `each call gets one entry in the log, and each refusal of a known method`() throws {
        try withDispatcher { setting in
            _ = setting.refusal(ParsedRequest("Nothing"))
            _ = setting.refusal(ParsedRequest("ModelsDeleteSpecificModel"))
            #expect(setting.refusal(ParsedRequest("UnloadModels")) == nil)
            #expect(setting.log.entries.map { $0.metadata["code"] } == ["INVALID_ARGUMENT"])
            let call = try setting.stub.call()
            defer { call.close() }
            call.start(
                try Carried.routed("UnloadModels"),
                HTTPRequest(method: "POST", path: Array("/x".utf8)),
                forwarding: ForwardedHeaders(),
                for: setting.client,
                key: CallKey(3),
                nanoseconds: 1_000_000_000
            )
            call.fail(.cancelled)
            setting.dispatcher.ended(call, .cancelled, nil, for: setting.client)
            #expect(setting.host.endedCalls == 1)
            #expect(setting.log.entries.map { $0.metadata["method"] } == ["ModelsDeleteSpecificModel", "UnloadModels"])
            #expect(setting.log.entries.map { $0.metadata["code"] } == ["INVALID_ARGUMENT", "CANCELLED"])
        }
    }
}
