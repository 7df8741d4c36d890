import Calls
import Contract
import Testing

@testable import Gateway

struct ClientConnectionResetsTests {
    /// A call that has no answer.
    private final class Work: LocalWork {
        let requestSent: Bool

        init(requestSent: Bool) { self.requestSent = requestSent }

        func begin(_ call: any LocalCall) {}
        func leave(_ call: any SharingCall) {}
    }

    @Test(arguments: [(false, 1_000), (true, 500)])
    func `what has gone out is half as often cancelled until that is a flood`(isOut: Bool, most: UInt32) throws {
        try withConnection { setting in
            let method = try Carried.routed("UnloadModels").method
            setting.dispatcher.carryOut = {
                [stub = setting.stub, calls = setting.calls] (request, client) throws(Status) in
                guard let call = try? stub.call() else { throw .shuttingDown }
                calls.all.append(call)
                client.begin(call, request.key)
                call.start(method, Work(requestSent: isOut), for: client, key: request.key, nanoseconds: nil)
            }
            setting.receive(HTTP2.preface)
            func cancelOne(_ number: UInt32) throws {
                setting.receive(HTTP2.call(2 * number + 1))
                setting.receive(HTTP2.reset(2 * number + 1))
                try setting.endTurn()
            }
            for number in 0..<most { try cancelOne(number) }
            #expect(setting.dispatcher.ended.count == most && !setting.transport.isClosed)
            try cancelOne(most)
            #expect(setting.transport.isClosed)
        }
    }
}
