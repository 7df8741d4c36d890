import Bytes
import Contract
import ContractTesting
import Testing

@testable import Transcoding

/// Messages of a contract that is not that of Pieces OS: `Books` has `count` = 1 and the list `books` = 2, whose messages
/// have `title` = 1, `formats` = 3, `printed` = 4, `weights` = 5, `place` = 6 (null where it is unset, with `rowNumber` = 1),
/// `authors` = 7 and `isLent` = 20.
@Suite struct `A contract that is not that of Pieces OS` {
    private static let book = """
        {"title":"Größe","formats":["E_BOOK","PAPER"],"printed":"1969-07-20T20:17:40.500Z","weights":[0.5,2],\
        "place":{"rowNumber":-3,"shelf":"B"},"authors":["a","b"],"isLent":true,"row_number":1}
        """

    private static let bookPayload = PayloadBuilder.make {
        $0.string(1, "Größe")
        $0.varint(3, 2)
        $0.varint(3, 10)
        $0.timestamp(4, seconds: -14_182_940, nanos: 500_000_000)
        $0.double(5, 0.5)
        $0.double(5, 2)
        $0.message(6) {
            $0.int64(1, -3)
            $0.additionalProperties(#"{"shelf":"B"}"#)
        }
        $0.string(7, "a")
        $0.string(7, "b")
        $0.bool(20, true)
        $0.additionalProperties(#"{"row_number":1}"#)
    }

    private let contract: Contract
    private let schemas: Schemas

    init() throws {
        contract = try Shelf.contract()
        schemas = Schemas(contract)
    }

    @Test(arguments: Way.allCases)
    func `its JSON becomes its messages`(way: Way) throws {
        let schema = try schemas.schema(of: message("Book"))
        #expect(try JSONTranscoder().bytes(Array(Self.book.utf8), as: schema, way) == Self.bookPayload)
    }

    @Test func `its messages become its JSON`() throws {
        let type = try schemas.payloadType(of: message("Book"))
        #expect(try json(Self.bookPayload, as: type, decoder: RequestDecoder()) == Self.book)
        #expect(try json([], as: type, decoder: RequestDecoder()) == #"{"place":null}"#)
    }

    @Test func `packed numbers are read`() throws {
        let type = try schemas.payloadType(of: message("Book"))
        let payload = PayloadBuilder.make { $0.bytes(5, [0, 0, 0, 0, 0, 0, 0xE0, 0x3F]) }
        #expect(try json(payload, as: type, decoder: RequestDecoder()) == #"{"weights":[0.5],"place":null}"#)
    }

    @Test func `the fields of its routes are found in a request`() throws {
        let input = try message("AddBookRequest")
        let (shelf, book) = try (#require(input.field(named: "shelf")), #require(input.field(named: "book")))
        let payload = PayloadBuilder.make {
            $0.string(1, "B/2")
            $0.bytes(2, Self.bookPayload)
        }
        let type = try schemas.payloadType(of: input)
        try unpack(payload, as: type, decoder: RequestDecoder()) { message throws(RequestError) in
            var json = ByteBuffer(capacity: 1)
            try message.appendJSON(of: book, to: &json)
            let name = message.string(shelf)
            #expect(name == "B/2")
            #expect(String(decoding: json.bytes, as: UTF8.self) == Self.book)
        }
        try unpack([], as: type, decoder: RequestDecoder()) { message in
            let (name, hasBook) = (message.string(shelf), message.has(book))
            #expect(name == nil)
            #expect(!hasBook)
        }
    }

    @Test(arguments: [1, 7, 1 << 20])
    func `its list is sent in parts`(chunkSize: Int) throws {
        let books = try message("Books")
        let list = try #require(books.field(named: "books"))
        let schema = try schemas.listSchema(of: books, list: list)
        var stream = MessageStream(transcoder: JSONTranscoder(), schema: schema, firstPartSize: 1, partSize: 1)
        var messages: [[UInt8]] = []
        let text = Array(#"{"iterable":[{}],"books":[\#(Self.book),{"title":"b"}],"count":2}"#.utf8)
        for start in stride(from: 0, to: text.count, by: chunkSize) {
            try text[start..<min(start + chunkSize, text.count)].withUnsafeBytes { chunk throws in
                try stream.consume(chunk) { messages.append(Array($0)) }
            }
        }
        try stream.finish { messages.append(Array($0)) }
        #expect(
            messages == [
                PayloadBuilder.make { $0.bytes(2, Self.bookPayload) },
                PayloadBuilder.make { $0.message(2) { $0.string(1, "b") } },
                PayloadBuilder.make {
                    $0.int64(1, 2)
                    $0.additionalProperties(#"{"iterable":[{}]}"#)
                },
            ]
        )
    }

    @Test func `what cannot be carried is an error`() throws {
        let (request, book) = try (message("AddBookRequest"), message("Book"))
        let reason = "needs 'optional string additional_properties = 1000;' for what is unknown"
        #expect(throws: ContractError(request.name, reason)) { try schemas.schema(of: request) }
        let authors = try #require(book.field(named: "authors"))
        #expect(throws: ContractError("test.shelf.v1.Book.authors", "is no list of messages")) {
            try schemas.listSchema(of: book, list: authors)
        }
        let other = try #require(try Contract.carried().messages["pieces.models.v1.Model"])
        #expect(throws: ContractError(other.name, "there is no such message")) { try schemas.schema(of: other) }
        #expect(throws: ContractError(other.name, "there is no such message")) { try schemas.payloadType(of: other) }
    }

    @Test func `the same message has the same schema and type, which outlive what made them`() throws {
        let book = try message("Book")
        var maker: Schemas? = Schemas(contract)
        let (schema, type) = (try maker?.schema(of: book), try maker?.payloadType(of: book))
        #expect(try maker?.schema(of: book) === schema)
        #expect(try maker?.payloadType(of: book) === type)
        maker = nil
        let bytes = try JSONTranscoder().bytes(Array(Self.book.utf8), as: try #require(schema))
        #expect(try json(bytes, as: try #require(type), decoder: RequestDecoder()) == Self.book)
    }

    private func message(_ name: String) throws -> MessageType {
        try #require(contract.messages["test.shelf.v1.\(name)"])
    }
}
