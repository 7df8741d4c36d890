import Contract
import Testing

@Suite("A message that JSON could not be carried in is an error at start")
struct SchemaErrorTests {
    /// What is wrong with an answer of these fields.
    static func fault(_ fields: [Descriptor], _ others: [Descriptor] = [], enums: [Descriptor] = []) -> String? {
        let output = fields.reduce(Descriptor().text(1, "Out")) { $0.message(2, $1) }
        return ContractTests.fault(
            file([message("In"), output] + others, [service("S", method())], enums: enums)
        )
    }

    static let needs = "needs 'optional string additional_properties = 1000;' for what is unknown"

    @Test("every message needs a field for what is unknown")
    func additionalProperties() {
        #expect(Self.fault([extras]) == nil)
        #expect(Self.fault([]) == "t.Out: \(Self.needs)")
        #expect(Self.fault([field("additional_properties", 1000, 12)]) == "t.Out: \(Self.needs)")
        #expect(Self.fault([field("additional_properties", 1000, label: 3)]) == "t.Out: \(Self.needs)")
        #expect(
            Self.fault([extras, field("late", 1001)])
                == "t.Out: no number may be higher than that of additional_properties"
        )
    }

    @Test("also one within another, and one that is a body")
    func within() {
        let inner = field("inner", 1, 11, of: ".t.Inner")
        #expect(Self.fault([inner, extras], [message("Inner")]) == "t.Inner: \(Self.needs)")
        let post = method(rule: Descriptor().text(4, "/x").text(7, "inner"))
        #expect(
            ContractTests.fault(
                file([message("In", inner), message("Out", extras), message("Inner")], [service("S", post)])
            ) == "t.Inner: \(Self.needs)"
        )
    }

    @Test("messages that no route carries need none")
    func unreachable() {
        #expect(
            ContractTests.fault(
                file([message("In", field("a", 1, 2)), message("Out")], [service("S", method(rule: nil))])
            ) == nil
        )
    }

    @Test("no message holds itself")
    func recursion() {
        let own = field("own", 1, 11, of: ".t.Out", label: 3)
        #expect(Self.fault([own, extras]) == "t.Out: a message must not hold itself, however deep")
        let inner = field("inner", 1, 11, of: ".t.Inner")
        let outer = field("outer", 1, 11, of: ".t.Out")
        #expect(
            Self.fault([inner, extras], [message("Inner", outer, extras)])
                == "t.Out: a message must not hold itself, however deep"
        )
        // The same message in two places does not.
        let again = field("again", 2, 11, of: ".t.Inner")
        #expect(Self.fault([inner, again, extras], [message("Inner", extras)]) == nil)
    }

    static let kindVectors: [(Descriptor, String?)] = [
        (field("a", 1, 8), nil),
        (field("a", 1, 3, label: 3), nil),
        (field("a", 1, 1), nil),
        (field("a", 1, 2), "is of the type float, which is not carried as JSON; int64, double, bool and string are"),
        (field("a", 1, 5), "is of the type int32, which is not carried as JSON; int64, double, bool and string are"),
        (field("a", 1, 12), "is of the type bytes, which is not carried as JSON; int64, double, bool and string are"),
        (field("a", 1, 10, of: ".t.In"), "is a group, which JSON does not know"),
        (field("a", 1, oneof: true), "is in a oneof, which JSON does not know"),
        (field("a", 1, oneof: true).number(17, 1), nil),
        (field("a", 1, label: 2), "must be optional: absent has a meaning of its own"),
        (field("a", 1, 11, of: ".google.protobuf.Timestamp"), nil),
        (
            field("a", 1, 11, of: ".google.protobuf.Any"),
            "is a google.protobuf.Any, which is not carried as JSON"
        ),
        (field("a", 1, 14, of: ".t.None"), "there is no enum t.None"),
        (field("a", 1, jsonName: "additionalProperties"), "another field stands for 'additionalProperties' too"),
    ]

    @Test("a field has a kind that the transcoder knows", arguments: kindVectors.indices)
    func kinds(_ index: Int) {
        let (field, reason) = Self.kindVectors[index]
        let place = reason?.hasPrefix("another") == true ? "t.Out.additional_properties" : "t.Out.a"
        #expect(Self.fault([field, extras]) == reason.map { "\(place): \($0)" })
    }

    @Test("a map is none of them")
    func maps() {
        let entry = message("Entry", field("key", 1), field("value", 2)).message(7, Descriptor().number(7, 1))
        #expect(
            Self.fault([field("a", 1, 11, of: ".t.Entry", label: 3), extras], [entry])
                == "t.Out.a: is a map, which is not carried as JSON"
        )
    }

    @Test("the values of an enum begin with its name")
    func enums() {
        func fault(_ value: String) -> String? {
            let type = Descriptor().text(1, "BookType").message(2, Descriptor().text(1, value).number(2, 0))
            return Self.fault([field("a", 1, 14, of: ".t.BookType"), extras], enums: [type])
        }
        #expect(fault("BOOK_TYPE_NEW") == nil)
        #expect(fault("NEW") == "t.Out.a: the value NEW of t.BookType must begin with BOOK_TYPE_")
        #expect(fault("BOOK_TYPE_") == "t.Out.a: the value BOOK_TYPE_ of t.BookType must begin with BOOK_TYPE_")
    }
}
