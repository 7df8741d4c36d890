import Calls
import Testing

@testable import Gateway

struct ClientConnectionTests {
    private func request(_ key: UInt32, _ payload: [UInt8] = []) -> FakeDispatcher.Request {
        .init(key: key, method: "UnloadModels", payload: payload)
    }

    private static func refuse(_ request: CallRequest, _ client: any CallingClient) throws(Status) {
        throw Status(.notFound, .badRequest, "x")
    }

    // MARK: - What arrives

    @Test(arguments: [1, 7, 64, .max])
    func `requests are the same however their bytes arrive`(size: Int) throws {
        try withConnection { setting in
            setting.receive(
                .request(1, "UnloadModels"),
                .request(3, "UnloadModels", payload: [1, 2]),
                Frame(id: 4, type: 1),
                .request(5, "UnloadModels", payload: [UInt8](repeating: 7, count: 300)),
                inReadsOf: size
            )
            #expect(
                setting.dispatcher.requests
                    == [request(1), request(3, [1, 2]), request(5, [UInt8](repeating: 7, count: 300))]
            )
            try setting.endTurn()
            #expect(setting.sent.map(\.id) == [4])
            #expect(setting.sent.map(\.reason) == ["BAD_REQUEST"])
        }
    }

    @Test func `a request that is refused is answered with the reason, and is no call`() throws {
        try withConnection { setting in
            setting.dispatcher.carryOut = Self.refuse
            setting.receive(.request(1, "UnloadModels"))
            #expect(setting.connection.callCount == 0)
            try setting.endTurn()
            #expect(setting.sent.map(\.id) == [1])
            #expect(setting.sent.map(\.reason) == ["BAD_REQUEST"])
            #expect(setting.dispatcher.ended.isEmpty)
        }
    }

    @Test func `a frame that the session refuses ends the call it is about, which gets no answer of its own`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"), .request(3, "UnloadModels"))
            #expect(setting.connection.callCount == 2)
            setting.receive(Frame(id: 1, type: 3, data: [1]))
            #expect(setting.connection.callCount == 1)
            #expect(setting.dispatcher.ended == [.init(key: 1, code: .cancelled)])
            #expect(setting.dispatcher.refusals == [.badRequest])
            try setting.endTurn()
            #expect(setting.sent.map(\.id) == [1])
            #expect(setting.sent.map(\.reason) == ["BAD_REQUEST"])
        }
    }

    @Test func `a client that speaks something else is closed without a word, and its calls with it`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"))
            setting.receive([0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0xFF, count: 20))
            #expect(setting.transport.isClosed)
            #expect(setting.dispatcher.ended == [.init(key: 1, code: .cancelled)])
            #expect(setting.host.gone == [ConnectionSetting.peer])
            try setting.endTurn()
            #expect(setting.transport.writes.isEmpty)
        }
    }

    @Test func `what follows in the same read is not carried out for a client that has been broken off`() throws {
        try withConnection { setting in
            setting.dispatcher.carryOut = { [connection = setting.connection] _, _ in _ = connection.breakOff("x") }
            setting.receive(.request(1, "UnloadModels"), .request(3, "UnloadModels"))
            setting.dispatcher.carryOut = { _, _ in }
            #expect(setting.dispatcher.requests == [request(1)])
        }
    }

    @Test func `bytes of a frame that is not whole count until it is`() throws {
        try withConnection { setting in
            let bytes = Frame.request(1, "UnloadModels", payload: [UInt8](repeating: 0, count: 500)).bytes
            setting.receive(Array(bytes.prefix(400)))
            let count = setting.connection.unfinishedByteCount
            #expect(300...400 ~= count)
            #expect(setting.host.unfinishedByteCount == count)
            #expect(setting.connection.unfinishedWeight == Double(count))
            setting.clock.now += 9
            #expect(setting.connection.unfinishedWeight == Double(10 * count))
            setting.receive(Array(bytes.dropFirst(400)))
            #expect(setting.connection.unfinishedByteCount == 0)
            #expect(setting.host.unfinishedByteCount == 0)
        }
    }

    // MARK: - What goes out

    @Test func `all answers of a turn go out in one write, in their order`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"), .request(3, "UnloadModels"), .request(5, "UnloadModels"))
            [1].withUnsafeBytes { setting.calls.all[2].complete(Payload(lent: $0)) }
            [].withUnsafeBytes { setting.calls.all[0].complete(Payload(lent: $0)) }
            setting.calls.all[1].fail(.cancelled)
            #expect(setting.transport.writes.isEmpty)
            try setting.endTurn()
            #expect(setting.transport.writes.count == 1)
            #expect(setting.sent.map(\.id) == [5, 1, 3])
            #expect(setting.sent[0] == .response(5, [1, 0, 0, 0, 0, 0, 0, 0]))
            #expect(setting.sent[1] == .response(1, []))
            #expect(setting.sent[2].reason == "CANCELLED")
            #expect(
                setting.dispatcher.ended
                    == [.init(key: 5, code: .ok), .init(key: 1, code: .ok), .init(key: 3, code: .cancelled)]
            )
            #expect(setting.connection.callCount == 0)
        }
    }

    @Test func `a stream is its messages and its end`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "StreamModelsSnapshot"))
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            setting.calls.all[0].received(message: nothing)
            setting.calls.all[0].received(.success(Payload(lent: nothing)))
            try setting.endTurn()
            #expect(setting.sent == [.message(1, []), .end(1)])
            #expect(setting.dispatcher.ended == [.init(key: 1, code: .ok)])
        }
    }

    @Test(arguments: [true, false])
    func `a large payload goes out from where it is, behind what came before it`(isLarge: Bool) throws {
        try withConnection { setting in
            setting.receive(
                .request(1, "UnloadModels"),
                .request(3, "UnloadModels"),
                .request(5, "StreamModelsSnapshot")
            )
            let payload = [UInt8](repeating: 7, count: 256 * 1024 - (isLarge ? 0 : 1))
            setting.calls.all[0].fail(.cancelled)
            var start: UnsafeRawPointer?
            payload.withUnsafeBytes {
                start = $0.baseAddress
                setting.connection.complete(setting.calls.all[1], Payload(lent: $0))
                setting.connection.send($0, of: setting.calls.all[2])
            }
            try setting.endTurn()
            #expect(setting.sent.map(\.id) == [1, 3, 5])
            #expect(setting.sent[1] == .response(3, payload))
            #expect(setting.sent[2] == .message(5, payload))
            let bodies = setting.transport.writes.filter { $0.bodyStart != nil }
            #expect(bodies.map(\.bodyStart) == (isLarge ? [start, start] : []))
            #expect(setting.transport.writes.count == (isLarge ? 2 : 1))
        }
    }

    @Test func `more than 4 MiB of answers do not wait for the end of the turn`() throws {
        try withConnection { setting in
            for key in 0..<20 { setting.receive(.request(UInt32(2 * key + 1), "UnloadModels")) }
            let payload = [UInt8](repeating: 7, count: 250 * 1024)
            for call in setting.calls.all {
                payload.withUnsafeBytes { setting.connection.complete(call, Payload(lent: $0)) }
            }
            #expect(setting.transport.writes.count == 1)
            #expect(setting.sent.count == 17)
            try setting.endTurn()
            #expect(setting.transport.writes.count == 2)
            #expect(setting.sent.count == 20)
        }
    }

    // MARK: - Calls

    @Test func `a client cancels a call by its key, and one that is not in flight in vain`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"), .request(3, "UnloadModels"))
            setting.connection.cancel(CallKey(5))
            setting.connection.cancel(CallKey(1))
            setting.connection.cancel(CallKey(1))
            try setting.endTurn()
            #expect(setting.sent.map(\.id) == [1])
            #expect(setting.sent.map(\.reason) == ["CANCELLED"])
            #expect(setting.connection.callCount == 1)
        }
    }

    @Test func `whoever has to give up a call gives up the newest`() throws {
        try withConnection { setting in
            setting.receive(.request(5, "UnloadModels"), .request(3, "UnloadModels"))
            setting.connection.failNewestCall(.tooManyCallsOfAll(limit: 2))
            try setting.endTurn()
            #expect(setting.sent.map(\.id) == [5])
            #expect(setting.sent.map(\.reason) == ["LIMIT_REACHED"])
            #expect(setting.dispatcher.ended == [.init(key: 5, code: .resourceExhausted)])
        }
    }
}
