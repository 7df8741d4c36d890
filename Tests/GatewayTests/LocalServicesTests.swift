import Calls
import Contract
import Testing

@testable import Gateway

struct LocalServicesTests {
    private let client = FakeClient()

    /// Has a request answered, or says what is wrong with it.
    private func refusal(_ services: LocalServices, _ request: ParsedRequest) throws -> Status? {
        let method = try #require(try Carried.method(request.method))
        do throws(Status) {
            try request.lend { (request) throws(Status) in
                guard case .atOnce(let answer) = try services.handler(of: request, method) else {
                    Issue.record("\(method.name) is not answered at once")
                    return
                }
                try answer(request, client).withUnsafeBytes { client.complete(request.key, $0) }
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func `a handler gets the request and its client, and gives the payload of the answer`() throws {
        let services = LocalServices(try Carried.contract())
        services.handle(
            "pieces.models.v1.ModelsService",
            "UnloadModels",
            .atOnce { [client] request, caller in
                #expect(caller === client)
                return Array(request.payload) + [9]
            }
        )
        #expect(try refusal(services, ParsedRequest("UnloadModels", payload: [8, 1])) == nil)
        #expect(client.events == [.answered(1, [8, 1, 9])])
    }

    @Test func `a method without a handler is unknown`() throws {
        let services = LocalServices(try Carried.contract())
        let cancel = ParsedRequest("Cancel", of: "pieces.gateway.v1.Control")
        #expect(try refusal(services, cancel)?.reason == .unknownMethod)
        services.handle("no.Service", "Cancel", .atOnce { _, _ in [] })
        #expect(try refusal(services, cancel)?.reason == .unknownMethod)
        #expect(client.events.isEmpty)
    }

    // MARK: - Control

    private func refusal(toCancel payload: [UInt8]) throws -> Status? {
        let services = LocalServices(try Carried.contract())
        ControlService.add(to: services)
        return try refusal(services, ParsedRequest("Cancel", of: "pieces.gateway.v1.Control", payload: payload))
    }

    @Test(
        arguments: [
            ([], nil),
            ([8, 7], 7),
            ([8, 7, 8, 9], 9),
            ([16, 7], nil),
            ([16, 7, 8, 9, 26, 1, 0], 9),
            ([10, 1, 7], nil),
            ([8, 0x83, 0x80, 0x80, 0x80, 0x10], 3),
        ] as [([UInt8], UInt32?)]
    )
    func `cancelling names a call of the same client`(payload: [UInt8], id: UInt32?) throws {
        #expect(try refusal(toCancel: payload) == nil)
        #expect(client.events == (id.map { [.cancelled($0)] } ?? []) + [.answered(1, [])])
    }

    @Test(arguments: [[8], [8, 0x80], [10, 2, 1], [7]] as [[UInt8]])
    func `what is no protobuf cancels nothing`(payload: [UInt8]) throws {
        let status = try refusal(toCancel: payload)
        #expect(status?.reason == .badRequest)
        #expect(status?.code == .invalidArgument)
        #expect(status?.message.hasPrefix("payload: the payload is not protobuf: ") == true)
        #expect(client.events.isEmpty)
    }
}
