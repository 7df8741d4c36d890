import Contract
import Testing

@Suite("A route that cannot be carried out is an error at start")
struct RouteErrorTests {
    static let out = message("Out", extras)

    static func fault(_ rule: Descriptor, _ fields: Descriptor...) -> String? {
        let input = fields.reduce(Descriptor().text(1, "In")) { $0.message(2, $1) }
        return ContractTests.fault(file([input, out], [service("S", method(rule: rule))]))
    }

    @Test("the one that all the others here differ from is none")
    func good() throws {
        let rule = Descriptor().text(4, "/a/{id}/b").text(7, "out")
        #expect(Self.fault(rule, field("id", 1), field("out", 2, 11, of: ".t.Out")) == nil)
    }

    static let vectors: [(Descriptor, [Descriptor], String)] = [
        (Descriptor().text(4, "a"), [], "the path 'a' does not begin with a slash"),
        (Descriptor().text(4, ""), [], "the path '' does not begin with a slash"),
        (Descriptor().text(4, "/a//b"), [], "the gateway does not know '' in the path '/a//b'"),
        (Descriptor().text(4, "/a/../b"), [], "the gateway does not know '..' in the path '/a/../b'"),
        (Descriptor().text(4, "/a b"), [], "the gateway does not know 'a b' in the path '/a b'"),
        (Descriptor().text(4, "/a\r\nX: y"), [], "the gateway does not know 'a\r\nX: y' in the path '/a\r\nX: y'"),
        (Descriptor().text(4, "/**"), [], "the gateway does not know '**' in the path '/**'"),
        (
            Descriptor().text(4, "/{id}:undo"), [field("id", 1)],
            "the gateway does not know '{id}:undo' in the path '/{id}:undo'"
        ),
        (Descriptor().text(4, "/{id=*}"), [field("id", 1)], "'{id=*}' in the path '/{id=*}' is no field of t.In"),
        (Descriptor().text(4, "/{id}"), [], "'{id}' in the path '/{id}' is no field of t.In"),
        (Descriptor().text(4, "/{id}"), [field("id", 1, 3)], "'{id}' in the path '/{id}' is no string field of t.In"),
        (
            Descriptor().text(4, "/{id}"), [field("id", 1, label: 3)],
            "'{id}' in the path '/{id}' is no string field of t.In"
        ),
        (Descriptor().text(4, "/a").text(7, "*"), [], "the body '*' is no field of t.In"),
        (Descriptor().text(4, "/a").text(7, "id"), [field("id", 1)], "the body 'id' is no message"),
        (
            Descriptor().text(4, "/a").text(7, "out"), [field("out", 1, 11, of: ".t.Out", label: 3)],
            "the body 'out' is no message"
        ),
        (Descriptor().text(2, "/a").text(7, "out"), [field("out", 1, 11, of: ".t.Out")], "a GET has no body"),
        (Descriptor().text(2, "/a"), [field("id", 1)], "the field 'id' of t.In is neither in the path nor the body"),
        (
            Descriptor().message(8, Descriptor().text(1, "LINK").text(2, "/a")), [],
            "'LINK' is no HTTP method that the gateway knows; it knows GET, PUT, POST, DELETE, PATCH"
        ),
        (
            Descriptor(), [],
            "'' is no HTTP method that the gateway knows; it knows GET, PUT, POST, DELETE, PATCH"
        ),
        (Descriptor().text(2, "/a").text(12, "x"), [], "the gateway does not know 'response_body' of a route"),
        (Descriptor().text(2, "/a").text(1, "x"), [], "the gateway does not know 'selector' of a route"),
        (
            Descriptor().text(2, "/a").message(11, Descriptor().text(2, "/b")), [],
            "the gateway does not know 'additional_bindings' of a route"
        ),
    ]

    @Test("with a sentence that says what is wrong", arguments: vectors.indices)
    func faults(_ index: Int) throws {
        let (rule, fields, reason) = Self.vectors[index]
        let input = fields.reduce(Descriptor().text(1, "In")) { $0.message(2, $1) }
        #expect(
            ContractTests.fault(file([input, Self.out], [service("S", method(rule: rule))])) == "t.S/Get: \(reason)"
        )
    }

    @Test("requests cannot be streamed")
    func streamOfRequests() {
        let messages = [message("In"), Self.out]
        #expect(
            ContractTests.fault(file(messages, [service("S", method(streamsIn: true))]))
                == "t.S/Get: a stream of requests cannot be one HTTP request"
        )
        // The gateway's own services may.
        #expect(ContractTests.fault(file(messages, [service("S", method(rule: nil, streamsIn: true))])) == nil)
    }

    @Test("a stream needs an answer with one list of messages", arguments: [0, 1, 2])
    func streamOfAnswers(lists: Int) {
        let fields = (0..<lists).map { field("list\($0)", UInt64($0 + 1), 11, of: ".t.Item", label: 3) }
        let names = field("names", 9, label: 3)
        let output = (fields + [names, extras]).reduce(Descriptor().text(1, "Out")) { $0.message(2, $1) }
        let found = ContractTests.fault(
            file([message("In"), output, message("Item", extras)], [service("S", method(streamsOut: true))])
        )
        let fault = "t.S/Get: t.Out cannot be streamed: that takes exactly one repeated field of messages"
        #expect(found == (lists == 1 ? nil : fault))
    }
}
