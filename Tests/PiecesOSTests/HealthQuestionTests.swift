import EventLoopTesting
import Testing

@testable import PiecesOS

struct HealthQuestionTests {
    /// Asks, and keeps the answers.
    private final class Asking {
        let question: HealthQuestion
        private(set) var answers: [HealthQuestion.Answer] = []

        init(_ setting: UpstreamSetting) {
            question = HealthQuestion(setting.upstream)
        }

        func ask() {
            question.ask { [self] in answers.append($0) }
        }
    }

    @Test func `Pieces OS is asked, and can be asked again over the same connection`() throws {
        try withUpstream { setting in
            let asking = Asking(setting)
            for round in 1...2 {
                asking.ask()
                try setting.run(until: { setting.server.requests == round })
                try setting.server.connections[0].answer("ok:3fa85f64")
                try setting.run(until: { asking.answers.count == round })
            }
            #expect(asking.answers == [.healthy, .healthy])
            #expect(setting.server.connections[0].text.hasPrefix("GET /.well-known/health HTTP/1.1\r\n"))
            #expect(setting.upstream.isUp)
        }
    }

    @Test func `one that was named need not know the question`() throws {
        try withUpstream { setting in
            let asking = Asking(setting)
            asking.ask()
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            try setting.run(until: { asking.answers == [.healthy] })
        }
    }

    @Test func `a question waits for no call, and its connection is not kept beyond the limit`() throws {
        try withUpstream(connections: 1) { setting in
            let (call, _) = setting.submit()
            let (waiting, exchange) = setting.submit()
            let asking = Asking(setting)
            asking.ask()
            try setting.run(until: { setting.server.requests == 2 })
            #expect(setting.server.connections.count == 2)
            #expect(exchange.isWaiting)
            try setting.server.connections[1].answer("ok")
            try setting.run(until: { asking.answers == [.healthy] && setting.server.connections[1].hasEnded })
            try setting.server.connections[0].answer("1")
            try setting.run(until: { setting.server.requests == 3 })
            try setting.server.connections[0].answer("2")
            try setting.run(until: { waiting.outcomes == [.finished(200, "2")] })
            #expect(call.outcomes == [.finished(200, "1")])
        }
    }

    @Test func `what it says of itself counts more than its answer to a call`() throws {
        try withUpstream { setting in
            let asking = Asking(setting)
            asking.ask()
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].answer("migrating")
            try setting.run(until: { asking.answers.count == 1 })
            let sentence = "Pieces OS at \(setting.upstream.location) is not ready: it says 'migrating'"
            #expect(asking.answers == [.not(sentence)])
            let (call, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 2 })
            try setting.server.connections[0].answer("1")
            try setting.run(until: { call.outcomes == [.finished(200, "1")] })
            #expect(setting.upstream.state == .notReady(sentence))
            asking.ask()
            try setting.run(until: { setting.server.requests == 3 })
            try setting.server.connections[0].answer("ok")
            try setting.run(until: { asking.answers.last == .healthy })
            #expect(setting.upstream.isUp)
        }
    }

    @Test func `only answers to calls are measured, and each is the last answer`() throws {
        try withUpstream { setting in
            var measured = 0
            setting.upstream.answered = { _ in measured += 1 }
            #expect(setting.upstream.lastAnswer == nil)
            let asking = Asking(setting)
            asking.ask()
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].answer("ok")
            try setting.run(until: { asking.answers.count == 1 })
            #expect(measured == 0)
            let asked = try #require(setting.upstream.lastAnswer)
            let (call, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 2 })
            try setting.server.connections[0].answer("1")
            try setting.run(until: { call.outcomes.count == 1 })
            #expect(measured == 1)
            #expect(try #require(setting.upstream.lastAnswer).time > asked.time)
        }
    }

    @Test func `nobody hears of a question that was given up, and it can be asked again`() throws {
        try withUpstream { setting in
            let asking = Asking(setting)
            asking.ask()
            try setting.run(until: { setting.server.requests == 1 })
            asking.question.cancel()
            try setting.run(until: { setting.server.connections[0].hasEnded })
            asking.ask()
            try setting.run(until: { setting.server.requests == 2 })
            try setting.server.connections[1].answer("ok")
            try setting.run(until: { asking.answers == [.healthy] })
        }
    }
}
