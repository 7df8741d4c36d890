import Calls
import Contract
import Testing

@testable import Gateway

struct ReflectionStreamTests {
    private static let listServices: [UInt8] = [0x3A, 0]

    private func withStream(_ test: (ReflectionStream, FakeLocalCall, Serving) throws -> Void) throws {
        try withUpstreamStub { stub in
            let serving = try Serving(loop: stub.loop, upstream: stub.upstream)
            defer { serving.close() }
            let call = FakeLocalCall()
            let stream = ReflectionStream(Reflection(try Carried.contract()), serving)
            stream.begin(call)
            try test(stream, call, serving)
        }
    }

    private func receive(_ message: [UInt8], _ stream: ReflectionStream) {
        message.withUnsafeBytes { stream.received($0) }
    }

    @Test func `each question is answered, and the end with the end`() throws {
        try withStream { stream, call, _ in
            receive(Self.listServices, stream)
            // An unknown file, which is no fault of the stream.
            receive([0x1A, 1, 0x78], stream)
            #expect(call.events.count == 2)
            stream.endOfRequest()
            #expect(call.events.count == 3 && call.events.last == .ended)
            receive(Self.listServices, stream)
            #expect(call.events.count == 3)
        }
    }

    @Test func `what is no protobuf ends the stream`() throws {
        try withStream { stream, call, _ in
            receive([7], stream)
            guard case .failed(let status)? = call.events.last else { preconditionFailure("no end") }
            #expect(status.code == .invalidArgument && status.reason == .badRequest)
            stream.endOfRequest()
            #expect(call.events.count == 1)
        }
    }

    @Test func `an answer that repeats too large a request ends the stream`() throws {
        try withStream { stream, call, _ in
            let length: [UInt8] = [0x80, 0x80, 0x80, 2]
            receive([0x1A] + length + [UInt8](repeating: 0x78, count: 4 << 20), stream)
            guard case .failed(let status)? = call.events.last else { preconditionFailure("no end") }
            #expect(status.code == .resourceExhausted && status.reason == .answerTooLarge)
        }
    }

    @Test func `the end of the gateway is its end, also when it begins behind that`() throws {
        try withStream { stream, call, serving in
            serving.shutDown()
            #expect(call.events == [.failed(.shuttingDown)])
            let late = FakeLocalCall()
            ReflectionStream(Reflection(try Carried.contract()), serving).begin(late)
            #expect(late.events == [.failed(.shuttingDown)])
        }
    }

    @Test func `who has left is told nothing`() throws {
        try withStream { stream, call, serving in
            stream.leave(call)
            serving.shutDown()
            #expect(call.events == [])
        }
    }

    @Test func `over ttrpc there is no such method`() throws {
        try withStream { _, _, serving in
            let contract = try Carried.contract()
            let services = LocalServices(contract)
            ReflectionService.add(to: services, contract, serving)
            for version in ["v1", "v1alpha"] {
                let request = ParsedRequest("ServerReflectionInfo", of: "grpc.reflection.\(version).ServerReflection")
                let status = refusal(services, request, contract.methods.first { $0.service == request.service })
                #expect(status?.code == .unimplemented && status?.reason == .unknownMethod)
            }
        }
    }

    private func refusal(_ services: LocalServices, _ request: ParsedRequest, _ method: Method?) -> Status? {
        guard let method else { return nil }
        do throws(Status) {
            try request.lend { (request) throws(Status) in
                guard case .work(let prepare) = try services.handler(of: request, method) else { return }
                _ = try prepare(request, FakeClient())
            }
            return nil
        } catch {
            return error
        }
    }
}
