import HTTP
import Testing

@testable import PiecesOS

struct HealthTests {
    private func health(_ status: Int, _ text: String) -> Health { Health(status: status, saying: Array(text.utf8)) }

    @Test func `asking for it is a GET, which may be repeated`() {
        #expect(Health.request.path == Array("/.well-known/health".utf8))
        #expect(Health.request.isRepeatable)
    }

    @Test(arguments: ["ok:3fa85f64-5717-4562-b3fc-2c963f66afa6", "ok", "OK:x", "Ok", "\"ok:x\"", "\"OK\"", "ok\r\n"])
    func `what begins with ok in any case is healthy`(text: String) {
        #expect(health(200, text) == .healthy)
    }

    @Test(arguments: ["ok:x", "\"ok:x\""])
    func `only with status 200`(text: String) {
        for status in [201, 204, 302, 404, 500, 503] {
            #expect(health(status, text) == .notReady("it answers HTTP status \(status) 'ok:x'"))
        }
    }

    @Test(arguments: [
        ("migrating", "it says 'migrating'"), ("\"migrating\"", "it says 'migrating'"), ("", "it says nothing"),
        ("\"", "it says nothing"), ("o", "it says 'o'"), (" ok", "it says ' ok'"), ("nok", "it says 'nok'"),
    ])
    func `whatever else it says is said again`(text: String, reason: String) {
        #expect(health(200, text) == .notReady(reason))
    }

    @Test func `what is no text is made one`() {
        #expect(Health(status: 200, saying: [0xFF, 0x61]) == .notReady("it says '\u{FFFD}a'"))
        #expect(health(503, "") == .notReady("it answers HTTP status 503"))
    }
}
